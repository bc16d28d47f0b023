"""Decoding anything into RGB uint8 pictures.

What is decoded: JPEG, PNG (APNG), TIFF, GIF, BMP, WebP, AVIF, JPEG 2000, PNM and PDF, told apart by
their first bytes, never by their names; PIL images and arrays. The size is checked before any pixel
is decoded, pages are decoded one at a time, and whatever is wrong with the data is an InputError.
"""

from __future__ import annotations

import io
import os
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, TypeAlias, Union

from ocrx.errors import ImageTooLarge, InputError, OcrxError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray

    from ocrx.types import Image

DEFAULT_MAX_PIXELS = 150_000_000
"""An A0 sheet at 300 dpi; below the size at which Pillow refuses on its own."""

PDF_DPI = 200
KNOWN = "JPEG, PNG, TIFF, GIF, BMP, WebP, AVIF, JPEG 2000, PNM or PDF"


@dataclass(frozen=True)
class Blob:
    """An encoded picture or document in memory, with the name to report it by."""

    data: bytes = field(repr=False)
    name: str = "bytes"


ImageSource: TypeAlias = Union[
    str, "os.PathLike[str]", bytes, bytearray, Blob, "PIL.Image.Image", "NDArray[np.uint8]"
]
"""A path; an encoded picture as bytes or Blob; a PIL image (the frame it stands at); or a uint8
array of shape (H, W, 3) RGB, (H, W, 4) RGBA, (H, W) or (H, W, 1) grey."""


@dataclass(frozen=True, eq=False)
class Raster:
    """A page as pixels. `image` is RGB uint8 (H, W, 3), C-contiguous, upright, with square pixels,
    and not to be written to: it may be the caller's own array.

    `width` and `height` are the page's own, in the pixels that coordinates are told in; `image` may
    have more or fewer. `notes` say what was reduced, cut or guessed to make it.
    """

    image: Image
    width: int
    height: int
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, image: Image, *notes: str) -> Raster:
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


class _Single(Document):
    """A picture that is already in memory."""

    def __init__(self, name: str, decode: Callable[[], Image]) -> None:
        super().__init__(name)
        self._decode = decode

    def __len__(self) -> int:
        return 1

    def page(self, index: int) -> Raster:
        with decoding(self.page_name(index)):
            return Raster.of(self._decode())


def open_document(
    source: ImageSource, *, max_pixels: int = DEFAULT_MAX_PIXELS, dpi: float = PDF_DPI
) -> Document:
    """Open a picture or document; nothing but its header is read until a page is asked for.

    A transparent picture is laid on white, or on black where nearly all that can be seen is light.
    16-bit pictures are scaled from their full range (12-bit values in 16 bits from theirs), 32-bit
    and float ones from their own. PDF pages are drawn at `dpi` dots per inch, fewer where the page
    would exceed `max_pixels` or 64 million pixels.

    Raises InputError if it cannot be opened or is no picture, ImageTooLarge for more than
    `max_pixels` pixels, EncryptedDocument for a password, UsageError for any other type of source.
    """
    import numpy as np
    import PIL.Image

    name = source_name(source)
    if isinstance(source, str | os.PathLike):
        return _open_path(Path(source), name, max_pixels, dpi)
    if isinstance(source, bytes | bytearray | memoryview):
        source = Blob(bytes(source))
    if isinstance(source, Blob):
        return _open_stream(io.BytesIO(source.data), name, max_pixels, dpi)
    if isinstance(source, np.ndarray):
        return _open_array(source, name, max_pixels)
    if isinstance(source, PIL.Image.Image):
        return _open_pil(source, name, max_pixels)
    raise UsageError(
        f"a {type(source).__name__} is no picture",
        "Give a path, bytes, a PIL image or a uint8 array (H, W, 3).",
    )


def source_name(source: ImageSource) -> str:
    """What the document of a source is called, whether or not it can be opened."""
    if isinstance(source, str | os.PathLike):
        return printable(str(Path(source)))
    if isinstance(source, Blob):
        return printable(source.name)
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes"
    return "array" if hasattr(source, "dtype") else "image"


def _open_path(path: Path, name: str, max_pixels: int, dpi: float) -> Document:
    with reading(name):
        if path.is_dir():
            raise InputError(
                f"{name} is a folder, not a picture", "Name the pictures in it one by one."
            )
        stream = path.open("rb")
    return _open_stream(stream, name, max_pixels, dpi)


def _open_stream(stream: IO[bytes], name: str, max_pixels: int, dpi: float) -> Document:
    """Takes the stream over: the document closes it, and so does failing."""
    try:
        with reading(name):
            if not stream.seekable():
                with stream as pipe:
                    stream = io.BytesIO(pipe.read())
            head = stream.read(1024)
            stream.seek(0)
        return _recognise(stream, head, name, max_pixels, dpi)
    except BaseException:
        stream.close()
        raise


def _recognise(stream: IO[bytes], head: bytes, name: str, max_pixels: int, dpi: float) -> Document:
    from ocrx import pictures

    if not head:
        raise InputError(f"{name} is empty", "Get the file again: there is nothing in it.")
    kind = pictures.kind_of(head)
    if kind:
        return pictures.Frames(stream, kind, name, max_pixels)
    if b"%PDF-" in head:
        from ocrx.pdf import PdfPages

        return PdfPages(stream, name, max_pixels, dpi)
    text = all(byte in b"\t\n\r\f" or 32 <= byte < 127 for byte in head)
    fact = "is text, not a picture" if text else "is no picture of a known format"
    raise InputError(f"{name} {fact}", f"Give a {KNOWN} file.")


def _open_array(array: NDArray[np.uint8], name: str, max_pixels: int) -> Document:
    from ocrx.pictures import array_to_rgb

    shape = array.shape
    if (
        array.dtype != "uint8"
        or len(shape) not in (2, 3)
        or shape[2:] not in ((), (1,), (3,), (4,))
    ):
        raise InputError(
            f"an array of {array.dtype} {shape} is no picture",
            "Give uint8 of shape (H, W, 3) RGB, (H, W, 4) RGBA or (H, W) grey.",
        )
    check_size(name, shape[1], shape[0], max_pixels)
    return _Single(name, lambda: array_to_rgb(array))


def _open_pil(picture: PIL.Image.Image, name: str, max_pixels: int) -> Document:
    from ocrx.pictures import upright

    check_size(name, picture.width, picture.height, max_pixels)
    return _Single(name, lambda: upright(picture))


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
def reading(name: str) -> Iterator[None]:
    """Turn what the file system raises into an InputError about `name`."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist", "Check the name.") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read", "Ask for the right to read it.") from error
    # ValueError: a name with a NUL in it.
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name} cannot be read: {reason}", "Check the name and the disk.") from (
            error
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


def printable(name: str) -> str:
    r"""`name` without what a terminal or a UTF-8 stream cannot take; that becomes \n, \xff."""
    if name.isprintable():
        return name
    return "".join(_escape(c) if unicodedata.category(c) in _UNPRINTABLE else c for c in name)


_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")


def _escape(char: str) -> str:
    # os.fsdecode keeps a byte that is not UTF-8 as a lone surrogate, U+DC80 to U+DCFF.
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else ascii(char)[1:-1]
