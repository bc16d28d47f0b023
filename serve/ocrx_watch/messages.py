"""What is told of an object: a line of JSON."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ocrx.output.json import SCHEMA, corners, dumps, match_to_dict
from ocrx.output.strings import well_formed
from ocrx_watch.joining.sighting import Sighting
from ocrx_watch.joining.track import Found


class Message(NamedTuple):
    """The `id` tells a receiver what it got before: it may get a message twice, if its answer to
    the first was lost. `body` is JSON in UTF-8, on one line without its end."""

    id: str
    body: bytes


class Messages:
    """Makes messages, whose ids are of this run alone."""

    def __init__(self) -> None:
        self._run = uuid.uuid4().hex[:12]
        self._count = 0

    def of(self, found: Found) -> Message:
        """The message that tells of an object."""
        self._count += 1
        name = f"{self._run}-{self._count}"
        return Message(name, dumps({"schema": SCHEMA, "id": name, **_to_dict(found)}).encode())


def _to_dict(found: Found) -> dict[str, Any]:
    one = found.sighting
    return {
        "time": clock(found.first.moment.taken),
        "kind": one.kind,
        "text": well_formed(one.text),
        "score": round(float(one.score), 4),
        "confidence": None if one.confidence is None else round(float(one.confidence), 6),
        "refused": well_formed(one.refused),
        "match": None if one.match is None else match_to_dict(one.match),
        "fields": {well_formed(k): well_formed(v) for k, v in one.fields.items()},
        "frames": found.frames,
        "readings": {well_formed(text): count for text, count in found.readings.most_common()},
        "views": found.views,
        "first": _place(found.first),
        "last": _place(found.last),
    }


def _place(sighting: Sighting) -> dict[str, Any]:
    """Where and when it was seen."""
    moment = sighting.moment
    return {
        "source": well_formed(moment.source),
        "frame": moment.number,
        "page": moment.page,
        "time": clock(moment.taken),
        "position": None if moment.position is None else round(moment.position, 3),
        "quad": corners(sighting.quad),
    }


def clock(seconds: float) -> str:
    """Seconds since 1970 in UTC, to the millisecond, as RFC 3339 has it."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
