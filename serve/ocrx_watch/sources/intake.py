"""Runs a source beside the reader: frames are decoded while others are read."""

from __future__ import annotations

import threading
from collections import deque

from ocrx_watch.sources.source import Arrival, Frame, Source

LIVE, WAITING = 2, 8
"""The most frames that wait to be read, of a live source and of any other. Few of a live source,
because each one that waits is one that is late."""

GRACE = 1.0
"""Seconds that a source has to end. A camera may hang."""


class Intake:
    """Takes frames from a source until it ends or `stop` is set. Of a live source, the oldest frame
    is dropped if there is no room for a new one; any other source waits for room."""

    def __init__(self, source: Source, stop: threading.Event) -> None:
        self.dropped = 0
        """How many frames were dropped."""
        self._source = source
        self._stop = stop
        self._waiting: deque[Arrival] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="ocrx-watch-source", daemon=True)
        self._thread.start()

    def take(self) -> list[Arrival]:
        """All that wait to be read, at least one; none once the source has ended. Raises what the
        source raises, after all that came before."""
        with self._changed:
            while not self._waiting and not self._ended:
                self._changed.wait(0.2)
                if self._stop.is_set() and not self._waiting:
                    self._changed.wait_for(lambda: self._ended, GRACE)
                    break
            taken = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            if not taken and self._error is not None:
                raise self._error
        return taken

    def close(self) -> None:
        """Have the source end."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(GRACE)

    def _run(self) -> None:
        try:
            for arrival in self._source.frames(self._stop):
                self._add(arrival)
        # Whatever it is, the thread that reads must hear of it.
        except Exception as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _add(self, arrival: Arrival) -> None:
        room = LIVE if self._source.live else WAITING
        with self._changed:
            if self._source.live:
                while (
                    len(frames := [one for one in self._waiting if isinstance(one, Frame)]) >= room
                ):
                    self._waiting.remove(frames[0])
                    self.dropped += 1
            else:
                self._changed.wait_for(lambda: len(self._waiting) < room or self._stop.is_set())
            self._waiting.append(arrival)
            self._changed.notify_all()
