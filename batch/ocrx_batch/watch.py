"""Ends a worker that hangs: some pictures keep a library busy for hours, and nothing stops it."""

from __future__ import annotations

import os
import sys
import threading
import time

HUNG = 75
"""The exit code of a worker that ended itself."""


class Watch:
    """Ends this process if nothing happens for so many seconds. It looks only inside a `with`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = 0.0
        self._over = threading.Event()

    def beat(self) -> None:
        """Something happened."""
        self._last = time.monotonic()

    def progress(self, fraction: float, what: str) -> None:
        """A model is being converted, which may take long."""
        self.beat()

    def __enter__(self) -> Watch:
        self.beat()
        self._over = threading.Event()
        args = (self._over,)
        threading.Thread(target=self._look, args=args, name="ocrx-watch", daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()

    def _look(self, over: threading.Event) -> None:
        while not over.wait(max(0.05, self._last + self._seconds - time.monotonic())):
            if time.monotonic() - self._last >= self._seconds and not over.is_set():
                sys.stderr.write(f"ocrx: a worker finished no page for {self._seconds:g} s\n")
                sys.stderr.flush()
                os._exit(HUNG)
