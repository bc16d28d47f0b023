"""The parts of a reader.

Every method takes a sequence and returns as many results in the same order. Pictures are RGB uint8
of shape
(height, width, 3). `close` may be called twice; using a component after it raises SessionClosed.
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
    """The base of everything that a reader holds. `used` says which models and runtimes run it.

    Unless a class says it is `thread_safe`, a reader calls its instances from one thread at a time.
    """

    used: tuple[Used, ...] = ()
    thread_safe: bool = False

    def close(self) -> None:
        """Free what the component holds."""
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
    """Turns a picture into another, and says how coordinates map back."""

    @abstractmethod
    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        """Each new picture, and the (3, 3) homography from its pixels to the given picture's."""


class Detector(Component, ABC):
    @abstractmethod
    def detect(self, pages: Sequence[Image]) -> Sequence[list[Region] | OcrxError]:
        """For each page a list of its lines, in any order, in the page's pixels; or the error that
        concerns this page alone."""


class Finder(Component, ABC):
    """Finds what stands on a page beside its text: bar codes, stamps, signatures."""

    @abstractmethod
    def find(self, pages: Sequence[Image]) -> list[list[Item]]:
        """The items of each page, in any order, in the page's pixels."""


class Recognizer(Component, ABC):
    """`charset` holds what it can read, None if it does not say."""

    charset: Sequence[str] | None = None

    @abstractmethod
    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        """The text of each crop; a crop holds one upright line."""

    def recognize_timed(self, crops: Sequence[Image]) -> tuple[list[Text], float]:
        """The results of `recognize`, and the fraction of its time, 0 to 1, that was spent
        decoding; 0 if that is unknown."""
        return self.recognize(crops), 0.0


class Orienter(Component, ABC):
    @abstractmethod
    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        """How far each crop is turned from upright."""


class PageReader(Component, ABC):
    """An engine that reads whole pages: there is no choice of detector, recogniser or runtime.

    One that can also read pictures of a single line sets `reads_lines`. Its factory learns from
    `Request.layout` which of the two to do.
    """

    reads_lines: bool = False

    @abstractmethod
    def read(self, pages: Sequence[Image]) -> Sequence[Page | OcrxError]:
        """For each page what was read; or the error that concerns this page alone.

        The caller fills in `source`, `index` and `used`. After a TransientError the page is tried
        once more.
        """
