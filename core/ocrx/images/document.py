"""Documents: sources of pictures whose pages are decoded to RGB uint8 on demand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from ocrx.errors import ImageTooLarge, InputError, OcrxError
from ocrx.system.text import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocrx.types import Image


DEFAULT_MAX_PIXELS = 150_000_000
"""Enough for an A0 sheet at 300 dpi, and below the size at which Pillow itself refuses."""


@dataclass(frozen=True)
class Blob:
    """An encoded picture or document in memory, with a name for pages and errors."""

    data: bytes = field(repr=False)
    name: str = "bytes"


@dataclass(frozen=True, eq=False)
class Raster:
    """A page as pixels. `image` is RGB uint8 (H, W, 3), C-contiguous, upright and with square
    pixels. Do not write to it: it may be the caller's own array.

    `width` and `height` are the page's own size, in the pixels that coordinates refer to; `image`
    may have more or fewer. `notes` say what was reduced, cut or guessed to make it. `dpi` is the
    page's own resolution in pixels per inch, horizontal and vertical; None if the file does not
    say.
    """

    image: Image
    width: int
    height: int
    notes: tuple[str, ...] = ()
    dpi: tuple[float, float] | None = None

    @classmethod
    def of(cls, image: Image, notes: tuple[str, ...] = ()) -> Raster:
        """A page whose own pixels are those of `image`."""
        return cls(image, image.shape[1], image.shape[0], notes)

    @property
    def matrix(self) -> NDArray[np.float64] | None:
        """The homography (3, 3) from pixels of `image` to those of the page; None if they are the
        same."""
        import numpy as np

        height, width = self.image.shape[:2]
        if (width, height) == (self.width, self.height):
            return None
        return np.diag([self.width / width, self.height / height, 1.0])


class Document(ABC):
    """The pictures of one source, decoded on demand. Close it, or use it in a `with` statement.

    `name` is the path as given, "-", "bytes", "image" or "array", made printable. A document may be
    used by one thread at a time; threads may use different documents at once.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def __len__(self) -> int:
        """The number of pages or frames, at least 1."""

    @abstractmethod
    def page(self, index: int) -> Raster:
        """Decodes page `index`, counted from 0.

        Raises InputError for a damaged page, ImageTooLarge for one over the limit, and IndexError
        if there is no such page.
        """

    def image(self, index: int) -> Image:
        """The pixels of `page(index)`, RGB uint8 (H, W, 3). Raises what `page` does."""
        return self.page(index).image

    def close(self) -> None:
        """Close the file. May be called more than once."""
        return

    def __enter__(self) -> Document:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def page_name(self, index: int) -> str:
        """The name of page `index` in errors. Raises IndexError if there is no such page."""
        count = len(self)
        if not 0 <= index < count:
            raise IndexError(f"{self.name} has {count} pages, none at index {index}")
        return self.name if count == 1 else f"page {index + 1} of {self.name}"


def check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    """Raises InputError for a picture without pixels, and ImageTooLarge for one with more than
    `max_pixels`."""
    if width < 1 or height < 1:
        raise InputError(f"{name} has no pixels: it is {width}x{height}", "Get the picture again.")
    if width * height > max_pixels:
        raise ImageTooLarge(
            f"{name} is {width}x{height}, more than {max_pixels / 1e6:.10g} million pixels",
            "Scale it down, or cut it into parts.",
        )


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """A context that turns whatever a decoder raises into an InputError about `name`."""
    try:
        yield
    except OcrxError:
        raise
    # Decoders of untrusted data raise anything from struct.error to KeyError.
    except Exception as error:
        raise _damage(name, error) from error


def _damage(name: str, error: Exception) -> InputError:
    from PIL.Image import DecompressionBombError, DecompressionBombWarning

    if isinstance(error, DecompressionBombError | DecompressionBombWarning | MemoryError):
        return ImageTooLarge(
            f"{name} is too large to decode", "Scale it down, or cut it into parts."
        )
    reason = printable(str(error)).rstrip(". ") or type(error).__name__
    return InputError(f"{name} is damaged or incomplete: {reason}", "Get the file again.")
