"""One reader that several requests use: their pictures share batches."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from ocrx.errors import OcrxError, SessionClosed
from ocrx.reading.lasting import LastingReader
from ocrx.reading.pictures import Picture
from ocrx.types import Page


class Job(NamedTuple):
    """A picture that waits to be read."""

    picture: Picture
    page: Future[Page]


class Pool:
    """Reads pictures that come within `window` seconds together, up to `most` at once.

    `on_batch` is told how many were read together. Close it: that ends what is being read.
    """

    def __init__(
        self, reader: LastingReader, window: float, most: int, on_batch: Callable[[int], None]
    ) -> None:
        self._reader = reader
        self._window = window
        self._most = most
        self._on_batch = on_batch
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="ocrx-pool", daemon=True)
        self._thread.start()

    def submit(self, picture: Picture) -> Future[Page]:
        """The page of the picture, once it is read. Cancel it to have the picture left out."""
        page: Future[Page] = Future()
        self._jobs.put(Job(picture, page))
        return page

    def close(self) -> None:
        """Read what was submitted, and close the reader."""
        self._jobs.put(None)
        self._thread.join()
        self._reader.close()

    def _work(self) -> None:
        closing = False
        while not closing:
            jobs, closing = self._gathered()
            wanted = [job for job in jobs if job.page.set_running_or_notify_cancel()]
            if wanted:
                self._on_batch(len(wanted))
                self._read(wanted)

    def _gathered(self) -> tuple[list[Job], bool]:
        """The next jobs, at least one unless the pool is closing, and whether it is."""
        jobs: list[Job] = []
        until = None
        while len(jobs) < self._most:
            try:
                left = None if until is None else max(0.0, until - time.monotonic())
                job = self._jobs.get(timeout=left)
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
            until = until or time.monotonic() + self._window
        return jobs, False

    def _read(self, jobs: Sequence[Job]) -> None:
        waiting = iter(jobs)
        try:
            for page in self._reader.read_pictures([job.picture for job in jobs]):
                _tell(next(waiting), page)
        # Whatever it is, the requests must hear of it, and the next ones be read.
        except Exception as error:
            for job in waiting:
                job.page.set_exception(error)
        for job in waiting:
            job.page.set_exception(SessionClosed("a picture was not read", "Send it again."))


def _tell(job: Job, page: Page | OcrxError) -> None:
    if isinstance(page, OcrxError):
        job.page.set_exception(page)
    else:
        job.page.set_result(page)
