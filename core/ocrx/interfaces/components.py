"""The components of a reader.

Every method takes a sequence and returns one result for each element, in the same order. Pictures
are RGB uint8 of shape (height, width, 3). `close` may be called twice; using a component after it
raises SessionClosed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from ocrx.errors import OcrxError
from ocrx.types import Image, Item, Orientation, Region, Text, Used

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocrx.types import Page


C = TypeVar("C", bound="Component")


class Component:
    """The base class of a reader's components. `used` lists the models and runtimes behind it.

    A reader calls an instance from one thread at a time unless its class sets `thread_safe`.
    """

    used: tuple[Used, ...] = ()
    thread_safe: bool = False

    def close(self) -> None:
        """Free memory, files and sessions that the component holds."""
        return

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Preprocessor(Component, ABC):
    """Turns a picture into another, and gives the mapping back to the first."""

    @abstractmethod
    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        """Each new picture, and the (3, 3) homography from its pixels to those of the given one."""


class Detector(Component, ABC):
    """Finds the lines of text on a page."""

    @abstractmethod
    def detect(self, pages: Sequence[Image]) -> Sequence[list[Region] | OcrxError]:
        """The lines of each page, in any order, in the page's pixels. An error in place of a list
        says that this page alone failed."""


class Finder(Component, ABC):
    """Finds what a page has besides text: bar codes, stamps, signatures."""

    @abstractmethod
    def find(self, pages: Sequence[Image]) -> list[list[Item]]:
        """The items of each page, in any order, in the page's pixels."""


class Recognizer(Component, ABC):
    """Reads lines. `charset` holds the characters that it can read, None if they are unknown."""

    charset: Sequence[str] | None = None

    @abstractmethod
    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        """The text of each crop; a crop holds one upright line."""

    def recognize_timed(self, crops: Sequence[Image]) -> tuple[list[Text], float]:
        """The results of `recognize`, and the fraction of its time, 0 to 1, that was spent
        decoding; 0 if that is unknown."""
        return self.recognize(crops), 0.0


class Orienter(Component, ABC):
    """Tells which way up a line is."""

    @abstractmethod
    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        """How far each crop is turned from upright."""


class PageReader(Component, ABC):
    """An engine that reads whole pages by itself, with no choice of detector, recogniser or
    runtime.

    An engine that can also read pictures of a single line sets `reads_lines`. `Request.layout`
    tells its factory which of the two to do.
    """

    reads_lines: bool = False

    @abstractmethod
    def read(self, pages: Sequence[Image]) -> Sequence[Page | OcrxError]:
        """What was read on each page. An error in place of a page says that this page alone failed.

        The caller fills in `source`, `index` and `used`. After a TransientError it tries the page
        once more.
        """
