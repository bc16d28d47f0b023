"""The sessions of a model: the one that was asked for, and two more where they help."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ocrx.errors import OcrxError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.networks.parts import Opened

log = logging.getLogger("ocrx")

IN_A_ROW = 8
"""After so many single calls in a row they get a session of their own."""


class Sessions:
    """A model's sessions on one runtime, made by `make`.

    `main` is the session that was asked for, and takes several calls at once. A runtime that
    divides the processors among these calls would leave some idle during a single call. So calls
    that come one at a time get a session with all processors. Results that rounding leaves
    undecided get a session in fp32.
    """

    def __init__(self, make: Callable[[SessionOptions], Opened], options: SessionOptions) -> None:
        self.main = make(options)
        single = replace(options, concurrency=1)
        exact = replace(single, device=self.main.device, precision="fp32")
        self._single = _Extra("one call at a time", lambda: make(single))
        self._exact = _Extra("near ties", lambda: make(exact))
        self._turn = threading.Lock()
        self._singles = 0

    @contextmanager
    def take(self, calls: int) -> Iterator[Opened]:
        """The session to use for `calls` concurrent calls, as a context.

        The first single calls after others go to `main`. A page of one line causes a few, and a
        session takes as long to open as dozens of lines to read, and tens of megabytes.
        """
        single = self._singles >= IN_A_ROW and calls == 1 and self.main.divided
        self._singles = self._singles + 1 if calls == 1 else 0
        if not single or not self._turn.acquire(blocking=False):
            yield self.main
            return
        try:
            yield self._single.get() or self.main
        finally:
            self._turn.release()

    def exact(self) -> Opened | None:
        """The session in fp32 on the same device; None if it cannot be opened."""
        return self._exact.get()

    def release(self) -> None:
        """Have all sessions give back the memory that they keep for the next run."""
        self.main.release()
        self._single.release()
        self._exact.release()

    def close(self) -> None:
        """Close all sessions."""
        self._single.close()
        self._exact.close()
        self.main.close()


class _Extra:
    """A session beside the main one, opened when it is first needed.

    If that fails, a warning is logged once and reading goes on without it, because the user did
    not ask for it.
    """

    def __init__(self, purpose: str, make: Callable[[], Opened]) -> None:
        self._purpose = purpose
        self._make = make
        self._session: Opened | None = None
        self._given_up = False
        self._lock = threading.Lock()

    def get(self) -> Opened | None:
        with self._lock:
            if self._session is None and not self._given_up:
                try:
                    self._session = self._make()
                except OcrxError as error:
                    self._given_up = True
                    log.warning("ocrx: no session of its own for %s: %s", self._purpose, error)
            return self._session

    def release(self) -> None:
        session = self._session
        if session is not None:
            session.release()

    def close(self) -> None:
        with self._lock:
            self._given_up = True
            if self._session is not None:
                self._session.close()
