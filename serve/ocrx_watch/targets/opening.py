"""From what a user types to targets."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ocrx.errors import UsageError
from ocrx_watch.messages import Message
from ocrx_watch.targets.delivery import Delivery
from ocrx_watch.targets.file import File
from ocrx_watch.targets.mqtt import Mqtt
from ocrx_watch.targets.pipe import Pipe
from ocrx_watch.targets.stdout import Stdout
from ocrx_watch.targets.target import Target
from ocrx_watch.targets.webhook import Webhook
from ocrx_watch.urls import scheme_of, without_secrets

STDOUT = "-"


def open_target(place: str, headers: Mapping[str, str]) -> Target:
    """A file, a named pipe, a webhook or a topic of a broker. Raises UsageError, OutputError,
    BackendMissing."""
    match scheme_of(place):
        case "":
            path = Path(place)
            return Pipe(path) if path.is_fifo() or path.is_char_device() else File(path)
        case "http" | "https":
            return Webhook(place, headers)
        case "mqtt" | "mqtts":
            return Mqtt(place)
    raise UsageError(
        f"--to {without_secrets(place)} is no known kind of target",
        "Give -, a file, http://, https://, mqtt:// or mqtts://.",
    )


class Targets:
    """All targets of a run. Standard output is written at once, the others beside the reading."""

    def __init__(
        self,
        places: Sequence[str],
        headers: Mapping[str, str],
        keep: int,
        note: Callable[[str], None],
    ) -> None:
        asked = list(dict.fromkeys(places or [STDOUT]))
        self._stdout = Stdout() if STDOUT in asked else None
        opened = [open_target(place, headers) for place in asked if place != STDOUT]
        self._deliveries = [Delivery(target, keep, note) for target in opened]

    def put(self, message: Message) -> None:
        """Send it everywhere. Raises OutputError, BrokenPipeError for standard output."""
        for one in self._deliveries:
            one.put(message)
        if self._stdout is not None:
            self._stdout.put(message)

    def close(self, grace: float) -> None:
        """Send what waits, for up to `grace` seconds."""
        until = time.monotonic() + grace
        for one in self._deliveries:
            one.close(max(0.0, until - time.monotonic()))

    @property
    def lost(self) -> dict[str, int]:
        """How many messages never arrived, by the name of the target, where there are any."""
        return {one.name: one.lost for one in self._deliveries if one.lost}
