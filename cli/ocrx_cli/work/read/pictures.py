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
    """Finds the pictures of pages, in the order in which their sources were `noted`. Use it in a
    `with`."""

    def __init__(self) -> None:
        self._sources: deque[Source] = deque()
        self._stack = ExitStack()
        self._document: Document | None = None

    def noted(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The sources. Each is remembered as it is taken."""
        for source in sources:
            self._sources.append(source)
            yield source

    def of(self, page: Page, on_error: OnError) -> Image | None:
        """The picture of the page, RGB uint8 (H, W, 3); None, and `on_error` told, if it cannot be
        decoded any more."""
        try:
            return self._document_of(page).image(page.index)
        except InputError as error:  # the file changed since it was read
            on_error(page.source, error)
            return None

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def _document_of(self, page: Page) -> Document:
        if self._document is None or self._document.name != page.source:
            self._stack.close()
            source = self._sources.popleft()
            while _name(source) != page.source:
                source = self._sources.popleft()
            self._document = self._stack.enter_context(open_document(source))
        return self._document


def _name(source: Source) -> str:
    return printable(source.name if isinstance(source, Blob) else str(source))
