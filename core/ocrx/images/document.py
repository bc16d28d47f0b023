"""A source of pictures: its pages, decoded into RGB uint8 when asked for."""

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
"""An A0 sheet at 300 dpi; below the size at which Pillow refuses on its own."""


@dataclass(frozen=True)
class Blob:
    """An encoded picture or document in memory, with the name to report it by."""

    data: bytes = field(repr=False)
    name: str = "bytes"


@dataclass(frozen=True, eq=False)
class Raster:
    """A page as pixels. `image` is RGB uint8 (H, W, 3), C-contiguous, upright, with square pixels,
    and not to be written to: it may be the caller's own array.

    `width` and `height` are the page's own, in the pixels that coordinates are told in; `image` may
    have more or fewer. `notes` say what was reduced, cut or guessed to make it. `dpi` are the
    page's own pixels per inch across and down, None where the file does not say.
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
        """The way from pixels of `image` to those of the page, (3, 3); None if they are the
        same."""
        import numpy as np

        height, width = self.image.shape[:2]
        if (width, height) == (self.width, self.height):
            return None
        return np.diag([self.width / width, self.height / height, 1.0])


class Document(ABC):
    """The pictures of one source, decoded when asked for. Close it, or use it in a `with`.

    `name` is the path as given, "-", "bytes", "image" or "array", made printable. One thread at a
    time may use a document; different documents may be used at once.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def __len__(self) -> int:
        """How many pages or frames there are, at least 1."""

    @abstractmethod
    def page(self, index: int) -> Raster:
        """Page `index`, counted from 0, decoded.

        Raises InputError for a damaged page, ImageTooLarge for one over the limit, IndexError for
        no such page.
        """

    def image(self, index: int) -> Image:
        """The pixels of `page(index)`: RGB uint8 (H, W, 3)."""
        return self.page(index).image

    def close(self) -> None:
        """Let go of the file. May be called twice."""
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
        """What errors call page `index`; IndexError if there is none."""
        count = len(self)
        if not 0 <= index < count:
            raise IndexError(f"{self.name} has {count} pages, none at index {index}")
        return self.name if count == 1 else f"page {index + 1} of {self.name}"


def check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    """Raise InputError for a picture without pixels, ImageTooLarge for one with too many."""
    if width < 1 or height < 1:
        raise InputError(f"{name} has no pixels: it is {width}x{height}", "Get the picture again.")
    if width * height > max_pixels:
        raise ImageTooLarge(
            f"{name} is {width}x{height}, more than {max_pixels / 1e6:.10g} million pixels",
            "Scale it down, or cut it into parts.",
        )


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into an InputError about `name`."""
    try:
        yield
    except OcrxError:
        raise
    # Decoders run on untrusted data here, and raise anything from struct.error to KeyError.
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
