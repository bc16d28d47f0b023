"""Opens sources of pictures: paths, bytes, PIL images and arrays."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias, Union

from ocrx.errors import InputError, UsageError
from ocrx.images.document import (
    DEFAULT_MAX_PIXELS,
    Blob,
    Document,
    Raster,
    check_size,
    decoding,
)
from ocrx.system.files import reading
from ocrx.system.text import printable

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray


PDF_DPI = 200
KNOWN = "JPEG, PNG, TIFF, GIF, BMP, WebP, AVIF, HEIC, JPEG 2000, PNM or PDF"


ImageSource: TypeAlias = Union[
    str, "os.PathLike[str]", bytes, bytearray, Blob, "PIL.Image.Image", "NDArray[np.uint8]"
]
"""A path; an encoded picture as bytes or Blob; a PIL image (its current frame); or a uint8 array of
shape (H, W, 3) RGB, (H, W, 4) RGBA, (H, W) or (H, W, 1) grey."""


class _Single(Document):
    """A picture that is already in memory."""

    def __init__(self, name: str, decode: Callable[[], Raster]) -> None:
        super().__init__(name)
        self._decode = decode

    def __len__(self) -> int:
        return 1

    def page(self, index: int) -> Raster:
        with decoding(self.page_name(index)):
            return self._decode()


def open_document(
    source: ImageSource, *, max_pixels: int = DEFAULT_MAX_PIXELS, dpi: float = PDF_DPI
) -> Document:
    """Opens a picture or document. Only its header is read until a page is asked for.

    A transparent picture is laid on a background from which everything stands out (see
    `transparency`). Values of more than 8 bits are scaled (see `depth`). Pixels that are not square
    are made so. A PDF's pages are measured in pixels of `dpi` dots per inch, and drawn at the
    resolution that their print and pictures need, within `max_pixels` and 64 million pixels (see
    `pdf`).

    Raises InputError if the source cannot be opened or is not a picture, ImageTooLarge if it has
    more than `max_pixels` pixels, EncryptedDocument if it needs a password, and UsageError for any
    other type of source.
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
        f"a {type(source).__name__} is not a picture",
        "Give a path, bytes, a PIL image or a uint8 array (H, W, 3).",
    )


def source_name(source: ImageSource) -> str:
    """The name of a source's document, whether or not it can be opened."""
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
    """Takes over the stream. It is closed with the document, or if opening fails."""
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
    from ocrx.images.formats import kind_of
    from ocrx.images.frames import Frames

    if not head:
        raise InputError(f"{name} is empty", "Get the file again: there is nothing in it.")
    kind = kind_of(head)
    if kind:
        return Frames(stream, kind, name, max_pixels)
    if b"%PDF-" in head:
        from ocrx.images.pdf import PdfPages

        return PdfPages(stream, name, max_pixels, dpi)
    text = all(byte in b"\t\n\r\f" or 32 <= byte < 127 for byte in head)
    fact = "is text, not a picture" if text else "is not a picture of a known format"
    raise InputError(f"{name} {fact}", f"Give a {KNOWN} file.")


def _open_array(array: NDArray[np.uint8], name: str, max_pixels: int) -> Document:
    from ocrx.images.rgb import array_to_rgb

    shape = array.shape
    if (
        array.dtype != "uint8"
        or len(shape) not in (2, 3)
        or shape[2:] not in ((), (1,), (3,), (4,))
    ):
        raise InputError(
            f"an array of {array.dtype} {shape} is not a picture",
            "Give uint8 of shape (H, W, 3) RGB, (H, W, 4) RGBA or (H, W) grey.",
        )
    check_size(name, shape[1], shape[0], max_pixels)
    return _Single(name, lambda: Raster.of(*array_to_rgb(array)))


def _open_pil(picture: PIL.Image.Image, name: str, max_pixels: int) -> Document:
    check_size(name, picture.width, picture.height, max_pixels)
    return _Single(name, lambda: _decoded(picture, max_pixels))


def _decoded(picture: PIL.Image.Image, max_pixels: int) -> Raster:
    from PIL.ImageFile import ImageFile

    from ocrx.images.metadata import orientation, pixel_aspect, resolution
    from ocrx.images.rgb import to_rgb
    from ocrx.images.upright import upright

    lain = picture.format == "TIFF" and orientation(picture) >= 5
    image, notes = to_rgb(picture)
    stored = orientation(picture)
    # A picture derived from a file keeps its metadata, although it may have been made square since.
    if not isinstance(picture, ImageFile):
        return upright(image, stored, 1.0, max_pixels, notes)
    aspect = pixel_aspect(picture)
    page = upright(image, stored, 1 / aspect if lain else aspect, max_pixels, notes)
    return replace(page, dpi=resolution(picture, lain or stored >= 5))
