"""Pictures of pages that were read: each is decoded a second time, so that memory stays small."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from ocrx.errors import InputError, OcrxError
from ocrx.images.document import Blob, Document
from ocrx.images.opening import open_document
from ocrx.system.text import printable
from ocrx.types import Image, Page

Source: TypeAlias = Path | Blob
OnError: TypeAlias = Callable[[str, OcrxError], None]


class Pictures:
    """Finds the sources and pictures of pages, in the order in which sources were `noted`. Use it
    in a `with`."""

    def __init__(self) -> None:
        self._sources: deque[Source] = deque()
        self._stack = ExitStack()
        self._document: Document | None = None
        self._source: Source | None = None
        self._index = 0

    def noted(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The sources. Each is remembered as it is taken."""
        for source in sources:
            self._sources.append(source)
            yield source

    def begun(self, page: Page) -> Path | bytes | None:
        """The source of a page, if it is the first page of it: a path, or the content. Tell it each
        page once, in order."""
        same = self._source is not None and _name(self._source) == page.source
        known = same and page.index > self._index
        self._index = page.index
        if known:
            return None
        self._close()
        source = self._sources.popleft()
        while _name(source) != page.source:  # it had no page that could be read
            source = self._sources.popleft()
        self._source = source
        return source.data if isinstance(source, Blob) else source

    def of(self, page: Page, on_error: OnError) -> Image | None:
        """The picture of a page of the source that was `begun` last, RGB uint8 (H, W, 3); None, and
        `on_error` told, if it cannot be decoded any more."""
        try:
            if self._document is None and self._source is not None:
                self._document = self._stack.enter_context(open_document(self._source))
            return self._document.image(page.index) if self._document else None
        except InputError as error:  # the file changed since it was read
            on_error(page.source, error)
            return None

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._close()

    def _close(self) -> None:
        self._document = None
        self._stack.close()


def _name(source: Source) -> str:
    return printable(source.name if isinstance(source, Blob) else str(source))
