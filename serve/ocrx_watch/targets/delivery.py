"""Brings messages to a target, beside the reading, and again if the target was away."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from ocrx_watch.messages import Message
from ocrx_watch.targets.target import Refused, Target, Unavailable

BATCH = 64
"""Messages that a target is given at once."""

FIRST, LONGEST = 0.5, 30.0
"""Seconds until a message is sent again; twice as many after each try, up to the longest."""


class Delivery:
    """Sends messages in their order, in a thread of its own. Up to `keep` wait for a target that
    takes none; then the oldest are given up. `note` is called with what people should know.
    """

    def __init__(self, target: Target, keep: int, note: Callable[[str], None]) -> None:
        self.lost = 0
        """Messages that never arrived."""
        self._target = target
        self._keep = keep
        self._note = note
        self._waiting: deque[Message] = deque()
        self._changed = threading.Condition()
        self._until: float | None = None
        self._pause = 0.0
        self._thread = threading.Thread(target=self._run, name="ocrx-watch-target", daemon=True)
        self._thread.start()

    def put(self, message: Message) -> None:
        """Send it as soon as possible."""
        with self._changed:
            self._waiting.append(message)
            if len(self._waiting) > self._keep:
                self._waiting.popleft()
                if not self.lost:
                    self._note(f"{self.name}: {self._keep} messages wait; older ones are lost")
                self.lost += 1
            self._changed.notify()

    @property
    def name(self) -> str:
        """That of the target."""
        return self._target.name

    def close(self, grace: float) -> None:
        """Send what waits, for up to `grace` seconds. What has not arrived then is lost."""
        with self._changed:
            self._until = time.monotonic() + grace
            self._changed.notify()
        self._thread.join(grace + 0.5)
        with self._changed:
            self.lost += len(self._waiting)
            self._waiting.clear()

    def _run(self) -> None:
        while batch := self._next():
            arrived = 0
            try:
                for message, _ in zip(batch, self._target.send(batch), strict=True):
                    arrived += 1
                    self._done(message)
            except Refused as reason:
                self._note(f"{self.name} refuses a message, which is lost: {reason}")
                self._done(batch[arrived], lost=1)
            except Unavailable as reason:
                self._wait(str(reason), reason.retry_after)
            # A thread that ends would take all later messages with it.
            except Exception as error:
                self._wait(f"{type(error).__name__}: {error}", 0.0)
        self._target.close()

    def _next(self) -> list[Message]:
        """What waits; nothing once there is no more to do, or no more time."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._until is not None)
            over = self._until is not None and time.monotonic() >= self._until
            return [] if over else list(islice(self._waiting, BATCH))

    def _done(self, message: Message, lost: int = 0) -> None:
        """The message arrived, or is lost for good."""
        with self._changed:
            if self._waiting and self._waiting[0] is message:
                self._waiting.popleft()
                self.lost += lost
            else:  # it was given up while it was on its way, and counted as lost
                self.lost -= 1 - lost
        if self._pause:
            self._pause = 0.0
            self._note(f"{self.name} takes messages again")

    def _wait(self, reason: str, retry_after: float) -> None:
        """Until it is time to try again, or little time is left."""
        if not self._pause:
            self._note(
                f"{self.name} takes no messages: {reason}. Up to {self._keep} wait, and are sent "
                "again"
            )
        self._pause = min(max(FIRST, 2 * self._pause, retry_after), LONGEST)
        end = time.monotonic() + self._pause
        with self._changed:
            while (now := time.monotonic()) < end:
                if self._until is not None:
                    end = min(end, max(now, self._until - FIRST), now + FIRST)
                self._changed.wait(end - now)
