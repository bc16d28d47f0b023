"""From uploads to pages, in their order. Pages are decoded a few ahead, in threads."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar

from ocrx.errors import OcrxError
from ocrx.images.document import Blob, Document
from ocrx.images.opening import open_document, source_name
from ocrx.reading.pictures import Picture, decode
from ocrx.types import Image, Page
from ocrx_serve.drawing import Drawn, Workers
from ocrx_serve.limits import Limits
from ocrx_serve.pool import Pool
from ocrx_serve.problems import TooMuch, problem, without_paths

T = TypeVar("T")
HEAD = 1024
"""The bytes in which a PDF says that it is one."""
WAITING = 8
"""Threads that may wait for processes that draw, beside those that compute."""


@dataclass(frozen=True, eq=False)
class Read:
    """A page of an upload. `pages` is how many its document has; `image` is its picture, if that
    was asked for."""

    upload: Blob
    pages: int
    page: Page
    image: Image | None = None


@dataclass(frozen=True, eq=False)
class Failed:
    """A page of an upload that could not be read, or an upload that could not be opened."""

    upload: Blob
    pages: int
    index: int
    error: OcrxError

    def problem(self) -> dict[str, Any]:
        """The error as JSON, with its place."""
        return problem(self.error, source_name(self.upload), self.index)


Outcome: TypeAlias = Read | Failed


class _Opened:
    """A document that one thread uses at a time."""

    def __init__(self, upload: Blob, max_pixels: int, workers: Workers) -> None:
        self._document: Document = (
            Drawn(upload, max_pixels, workers)
            if b"%PDF-" in upload.data[:HEAD]
            else open_document(upload, max_pixels=max_pixels)
        )
        self.pages = len(self._document)
        self._turn = threading.Lock()

    def page(self, index: int) -> Picture:
        with self._turn:
            return decode(self._document, index)

    def close(self) -> None:
        with self._turn:
            self._document.close()


class Decoding:
    """Decodes the uploads of all requests: so many threads, and so many pages in memory."""

    def __init__(self, limits: Limits, threads: int) -> None:
        self._limits = limits
        self._threads = ThreadPoolExecutor(threads + WAITING, "ocrx-decode")
        self._workers = Workers(threads, limits.page_seconds)
        self._room = asyncio.Semaphore(limits.decoded)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._workers.close()

    async def decoded(self, upload: Blob, index: int) -> tuple[Picture, int]:
        """One page, and how many there are. Raises InputError, IndexError."""
        document = await self._in_thread(
            lambda: _Opened(upload, self._limits.pixels, self._workers)
        )
        try:
            return await self._in_thread(lambda: document.page(index)), document.pages
        finally:
            self._threads.submit(document.close)

    async def read(
        self, uploads: Sequence[Blob], pool: Pool, keep_images: bool
    ) -> AsyncGenerator[Outcome, None]:
        """The outcome of each page of each upload. Raises TooMuch for more pages than a request may
        have, and whatever is not to blame on a page."""
        ahead: deque[asyncio.Task[Outcome]] = deque()
        opened: list[_Opened] = []
        try:
            async for task in self._tasks(uploads, pool, keep_images, opened):
                ahead.append(task)
                if len(ahead) >= self._limits.ahead:
                    yield await ahead.popleft()
            while ahead:
                yield await ahead.popleft()
        finally:
            for task in ahead:
                task.cancel()
            for document in opened:
                self._threads.submit(document.close)

    async def _tasks(
        self, uploads: Sequence[Blob], pool: Pool, keep_images: bool, opened: list[_Opened]
    ) -> AsyncIterator[asyncio.Task[Outcome]]:
        pages = 0
        for upload in uploads:
            try:
                document = await self._in_thread(partial(self._open, upload, opened))
            except OcrxError as error:
                yield asyncio.ensure_future(_ready(Failed(upload, 1, 0, error)))
                continue
            pages += document.pages
            if pages > self._limits.pages:
                raise TooMuch(
                    f"{source_name(upload)} has {document.pages} pages, and a request may have "
                    f"{self._limits.pages}",
                    "Send the pages in several requests.",
                )
            for index in range(document.pages):
                yield asyncio.ensure_future(
                    self._outcome(upload, document, index, pool, keep_images)
                )

    def _open(self, upload: Blob, opened: list[_Opened]) -> _Opened:
        document = _Opened(upload, self._limits.pixels, self._workers)
        opened.append(document)
        return document

    async def _outcome(
        self, upload: Blob, document: _Opened, index: int, pool: Pool, keep_image: bool
    ) -> Outcome:
        async with self._room:
            try:
                picture = await self._in_thread(lambda: document.page(index))
                page = await asyncio.wrap_future(pool.submit(picture))
            except OcrxError as error:
                return Failed(upload, document.pages, index, error)
        image = picture.raster.image if keep_image else None
        return Read(upload, document.pages, _public(page), image)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _ready(outcome: Outcome) -> Outcome:
    return outcome


def _public(page: Page) -> Page:
    """The page without paths of the service, which models and notes may name."""
    used = tuple(replace(one, model=without_paths(one.model)) for one in page.used)
    return replace(page, used=used, notes=tuple(map(without_paths, page.notes)))
