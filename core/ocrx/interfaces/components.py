"""The components of a reader.

Every method takes a sequence and returns one result for each element, in the same order. Pictures
are RGB uint8 of shape (height, width, 3). `close` may be called twice; using a component after it
raises SessionClosed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ocrx.errors import OcrxError
from ocrx.types import Image, Item, Orientation, Quad, Region, Text, Used

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocrx.types import Page


C = TypeVar("C", bound="Component")

Cut: TypeAlias = Callable[[Image, Quad], Image]
"""Cuts the line at a quad out of a page: both pictures are RGB uint8 (H, W, 3), and in the second
the text runs to the right."""


class Component:
    """The base class of a reader's components. A `with` statement closes it."""

    used: tuple[Used, ...] = ()
    """The models and runtimes behind it, which come out as `Page.used`."""

    thread_safe: bool = False
    """Whether several threads may call an instance at once. If not, a reader calls it from one
    thread at a time."""

    def close(self) -> None:
        """Free memory, files and sessions that the component holds. May be called twice; using the
        component afterwards raises SessionClosed."""
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
        """Each new picture, and the way back: the homography, float64 of shape (3, 3), from its
        pixels to those of the given one.

        Pictures are RGB uint8 (H, W, 3). The new one may have another size; the given one is not
        changed.
        """


class Detector(Component, ABC):
    """Finds the lines of text on a page."""

    @abstractmethod
    def detect(self, pages: Sequence[Image]) -> Sequence[list[Region] | OcrxError]:
        """The lines of each page, RGB uint8 (H, W, 3), in any order, in the page's pixels. An error
        in place of a list says that this page alone failed."""


class Finder(Component, ABC):
    """Finds what a page has besides text: bar codes, stamps, signatures."""

    @abstractmethod
    def find(self, pages: Sequence[Image]) -> Sequence[list[Item] | OcrxError]:
        """For each page, RGB uint8 (H, W, 3), a list of its items, in any order, in the page's
        pixels; or the error that concerns this page alone."""


class Recognizer(Component, ABC):
    """Reads lines that have been cut out of their pages."""

    charset: Sequence[str] | None = None
    """The characters that it can read, None if they are unknown."""

    cut: Cut | None = None
    """How lines are cut out of a page for it; None leaves that to the reader. A recogniser may hang
    on how slanted lines are interpolated."""

    @abstractmethod
    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        """The text of each crop, RGB uint8 (H, W, 3), which holds one upright line."""

    def recognize_timed(self, crops: Sequence[Image]) -> tuple[list[Text], float]:
        """The results of `recognize`, and the fraction of its time, 0 to 1, that was spent
        decoding; 0 if that is unknown."""
        return self.recognize(crops), 0.0

    def recognize_views(self, objects: Sequence[Sequence[Image]]) -> list[tuple[int, Text]]:
        """The text of each object of which there are several views, crops as `recognize` takes
        them, and the index of the view whose spans it has.

        By default each view is read on its own, and the text with the highest scores in all is
        taken. A recogniser that knows how probable a text is in each view does better.
        """
        texts = iter(self.recognize([crop for views in objects for crop in views]))
        return [_elected([next(texts) for _ in views]) for views in objects]


def _elected(texts: Sequence[Text]) -> tuple[int, Text]:
    """The text whose scores add up to most, and the index of where it scores best."""
    votes: dict[str, float] = {}
    for text in texts:
        votes[text.text] = votes.get(text.text, 0.0) + text.score
    chosen = max(votes, key=votes.__getitem__)
    places = [index for index, text in enumerate(texts) if text.text == chosen]
    place = max(places, key=lambda index: texts[index].score)
    return place, texts[place]


class Orienter(Component, ABC):
    """Tells which way up a line is."""

    @abstractmethod
    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        """How far each crop, RGB uint8 (H, W, 3), is turned from upright."""


class PageReader(Component, ABC):
    """An engine that reads whole pages by itself, with no choice of detector, recogniser or
    runtime."""

    charset: Sequence[str] | None = None
    """The characters that it can read, None if they are unknown."""

    reads_lines: bool = False
    """Whether it can also read pictures of a single line. `Request.layout` tells its factory which
    of the two to do."""

    @abstractmethod
    def read(self, pages: Sequence[Image]) -> Sequence[Page | OcrxError]:
        """What was read on each page, RGB uint8 (H, W, 3), in the page's pixels. An error in place
        of a page says that this page alone failed.

        The caller fills in `source`, `index` and `used`. After a TransientError it tries the page
        once more.
        """

    def cost(self, pages: int) -> str:
        """What it costs to read so many pages, such as "about 1.50 US dollars"; "" if nothing.
        `ocrx read` asks before it spends much."""
        return ""
