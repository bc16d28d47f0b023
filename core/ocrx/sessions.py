"""The sessions that one network needs, each opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ocrx.errors import SessionClosed
from ocrx.interfaces import Session, SessionOptions


@dataclass(frozen=True)
class Runs:
    """What one call of a network runs on: `session`, and for what its rounding leaves undecided
    what `exact` gives, the same in fp32."""

    session: Session
    exact: Callable[[], Session]


class Sessions:
    """A model's sessions on one runtime, made by `make`.

    `main` takes several calls at once. A runtime that divides the processors among them would leave
    some idle under a single call: so calls that come one at a time get a session with all of them.
    """

    def __init__(self, make: Callable[[SessionOptions], Session], options: SessionOptions) -> None:
        self._make = make
        self._options = options
        self.main = make(options)
        self._others: dict[SessionOptions, Session] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._single = threading.Lock()
        self._before_single = False

    @contextmanager
    def take(self, calls: int) -> Iterator[Runs]:
        """What to run so many calls on, that are made at once.

        The first single call after others goes to `main`: it may be the only one, and opening a
        session takes as long as reading dozens of lines.
        """
        single = calls == 1 and self._before_single and self.main.divided
        self._before_single = calls == 1
        if not single or not self._single.acquire(blocking=False):
            yield self._runs(self._options)
            return
        try:
            yield self._runs(replace(self._options, concurrency=1))
        finally:
            self._single.release()

    def _runs(self, options: SessionOptions) -> Runs:
        session = self._get(options)
        exact = replace(options, device=session.device, precision="fp32")
        return Runs(session, lambda: self._get(exact))

    def _get(self, options: SessionOptions) -> Session:
        if options == self._options:
            return self.main
        with self._lock:
            if self._closed:
                raise SessionClosed("this network is closed", "Open a new one.")
            if options not in self._others:
                self._others[options] = self._make(options)
            return self._others[options]

    def release(self) -> None:
        """Have all of them give back the memory that they hold for the next run."""
        with self._lock:
            for session in (self.main, *self._others.values()):
                session.release()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for session in (self.main, *self._others.values()):
                session.close()
