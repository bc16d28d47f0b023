"""Writers, one for each output format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    from ocrx.types import Image, Page


class Writer(ABC):
    """Turns pages into the bytes of one document: `begin`, `page` for each page, `end`.

    The bytes returned so far plus `end()` are a complete document at any time, so an interrupted
    run leaves a valid one. Each document has a writer of its own.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """The file suffixes of this format, in lower case with their dot: (".txt",). The writer's own
    name is one without being listed."""

    rows: ClassVar[bool] = False
    """Whether each page is a row or some, so that pages of any number of sources belong in one
    document. Where many files are read, other formats get a document for each."""

    needs_image: bool = False
    """Whether `page` needs the picture. A writer may decide it anew when it is told the
    `original`."""

    notes: Sequence[str] = ()
    """What a user should know of the finished document, in plain sentences: what it lacks, or is
    not."""

    def begin(self, several: bool) -> bytes:
        """The bytes before the first page. `several` says that more than one page is expected."""
        return b""

    def original(self, file: Path | bytes) -> None:
        """The file, or its content, that the following pages are from. Called once for each source
        before its first page, by programs that have one; a writer does without otherwise."""
        return

    @abstractmethod
    def page(self, page: Page, image: Image | None) -> bytes:
        """The bytes of one page.

        `image` is its picture, RGB uint8 of shape (H, W, 3), or None unless the writer
        `needs_image`. Its size may differ from `page.width` x `page.height`, in whose pixels quads
        are given.
        """

    def end(self) -> bytes:
        """The bytes after the last page."""
        return b""
