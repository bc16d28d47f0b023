"""Documents drawn by a process of their own, which can be killed.

A small PDF may take hours to draw, or all memory, and pdfium can neither be interrupted nor used by
two threads. Here each document has a process, with limits of time and memory.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from ocrx.errors import InputError, OcrxError
from ocrx.images.document import Blob, Document, Raster
from ocrx.images.opening import open_document, source_name

MEMORY = 4 << 30
"""The most bytes of address space of such a process, where the system can limit it."""


class Worker:
    """A process that draws one document at a time. It begins when it is first asked."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, seconds: float, *message: Any) -> Any:
        """The answer to a message. Raises the OcrxError that it is, TimeoutError after so many
        seconds, and EOFError if the process is dead; then it cannot be asked again."""
        answer: Any
        try:
            self._pipe.send(message)
            answer = self._pipe.recv() if self._pipe.poll(seconds) else TimeoutError()
        except (EOFError, OSError):
            answer = EOFError()
        if isinstance(answer, TimeoutError | EOFError):
            self.kill()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        """End it. May be called twice."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


class Workers:
    """Processes that draw, kept for the next document: up to `idle` of them. A page, and the
    opening of a document, may take `seconds`."""

    def __init__(self, idle: int, seconds: float) -> None:
        self.seconds = seconds
        """For a page, and for opening."""
        self._most = idle
        self._idle: list[Worker] = []
        self._turn = threading.Lock()

    def take(self) -> Worker:
        """One that is idle, or a new one."""
        with self._turn:
            return self._idle.pop() if self._idle else Worker()

    def give(self, worker: Worker) -> None:
        """Take one back that is alive."""
        with self._turn:
            if len(self._idle) < self._most:
                self._idle.append(worker)
                return
        worker.kill()

    def close(self) -> None:
        """End those that are idle."""
        with self._turn:
            for worker in self._idle:
                worker.kill()
            self._idle.clear()


class Drawn(Document):
    """A document that a worker draws. Raises what `open_document` does, and InputError if it takes
    too long."""

    def __init__(self, upload: Blob, max_pixels: int, workers: Workers) -> None:
        super().__init__(source_name(upload))
        self._workers = workers
        self._worker: Worker | None = workers.take()
        try:
            self._pages: int = self._ask(self.name, "open", upload, max_pixels)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return self._pages

    def page(self, index: int) -> Raster:
        raster: Raster = self._ask(self.page_name(index), "page", index)
        return raster

    def close(self) -> None:
        if self._worker is not None:
            self._workers.give(self._worker)
        self._worker = None

    def _ask(self, name: str, *message: Any) -> Any:
        fault = "comes after a page that could not be drawn"
        try:
            if self._worker is not None:
                return self._worker.ask(self._workers.seconds, *message)
        except TimeoutError:
            fault = f"takes more than {self._workers.seconds:g} s to draw"
        except EOFError:
            fault = "takes too much memory to draw"
        self._worker = None
        raise InputError(f"{name} {fault}", "Save it anew with another program, or as pictures.")


def _work(pipe: Connection) -> None:
    """What the process does: answer messages until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C stops the service, which ends this
    _limit_memory()
    document: Document | None = None
    while True:
        try:
            verb, *arguments = pipe.recv()
        except EOFError:
            return
        answer: object
        try:
            if verb == "open":
                if document is not None:
                    document.close()
                upload, max_pixels = arguments
                document = open_document(upload, max_pixels=max_pixels)
                answer = len(document)
            else:
                answer = None if document is None else document.page(arguments[0])
        except OcrxError as error:
            answer = error
        pipe.send(answer)


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
