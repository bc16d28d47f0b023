"""A form of output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ocrx.types import Image, Page


class Writer(ABC):
    """Turns pages into bytes, one at a time: `begin`, `page` for each, `end`. Made anew for each
    document.

    What was returned so far plus `end()` is a complete document at any time, so that an interrupted
    run leaves a valid one. `suffixes` are those of files in this form, in lower case with their
    dot; a file whose suffix is the writer's own name needs none. `needs_image` says that `page` is
    to be given the picture.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    needs_image: ClassVar[bool] = False

    def begin(self, several: bool) -> bytes:
        """The bytes before the first page. `several` says that more than one page is expected."""
        return b""

    @abstractmethod
    def page(self, page: Page, image: Image | None) -> bytes:
        """One page.

        `image` is its picture, RGB uint8 of shape (H, W, 3), None unless the writer `needs_image`.
        It may have more or fewer pixels than the `page.width` x `page.height` in which quads are
        told.
        """

    def end(self) -> bytes:
        """The bytes after the last page."""
        return b""
