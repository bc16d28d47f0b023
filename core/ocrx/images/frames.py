"""Picture files through Pillow: frames of any mode into RGB uint8."""

from __future__ import annotations

import logging
import re
from importlib import import_module
from typing import IO, TYPE_CHECKING, cast

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ocrx.errors import InputError
from ocrx.images.document import Document, Raster, check_size, decoding

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from ocrx.types import Image

# Only these decoders see untrusted data; Pillow's others, some of which start programs, never do.
_KINDS: tuple[tuple[str, bytes], ...] = (
    ("JPEG", rb"\xff\xd8\xff"),
    ("PNG", rb"\x89PNG\r\n\x1a\n"),
    ("GIF", rb"GIF8[79]a"),
    ("TIFF", rb"II[*+]\0|MM\0[*+]"),
    ("BMP", rb"BM.{4}\0\0\0\0"),
    ("WebP", rb"RIFF.{4}WEBP"),
    ("AVIF", rb".{4}ftypavi[fs]"),
    ("JPEG 2000", rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n"),
    ("PNM", rb"P[1-6f][\s#]"),
)
_CLASSES = {
    # Not the factory that also makes MpoImageFile: what a phone adds behind the picture (depth,
    # a preview) is no page.
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "WebP": ("WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("AvifImagePlugin", "AvifImageFile"),
    "JPEG 2000": ("Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "PNM": ("PpmImagePlugin", "PpmImageFile"),
}
# Or else it writes notes about damage to stderr where no logging is set up.
logging.getLogger("PIL").addHandler(logging.NullHandler())
_ORIENTATION = 0x0112
_LIGHT = 200
_PILLOW_PIXELS = 80_000_000


def kind_of(head: bytes) -> str | None:
    """The format of a picture file by its first bytes, None if it is none we decode."""
    return next((kind for kind, magic in _KINDS if re.match(magic, head, re.DOTALL)), None)


class Frames(Document):
    """A picture file: one frame, the pages of a TIFF or the frames of an animation."""

    def __init__(self, stream: IO[bytes], kind: str, name: str, max_pixels: int) -> None:
        super().__init__(name)
        self._stream = stream
        self._kind = kind
        self._max_pixels = max_pixels
        with decoding(name):
            self._picture = _open(stream, kind)
            check_size(name, self._picture.width, self._picture.height, max_pixels)
            self._count = self._count_frames()
        self._broken = self._count
        self._next = 0

    def __len__(self) -> int:
        return self._count

    def page(self, index: int) -> Raster:
        name = self.page_name(index)
        if index > self._broken:
            raise InputError(
                f"{name} cannot be reached: page {self._broken + 1} before it is damaged",
                "Get the file again.",
            )
        try:
            with decoding(name):
                return Raster.of(self._decode(index, name))
        except InputError:
            # A frame of an animation is a change to the one before it. Without this, each later
            # frame would be decoded from the first on, only to fail at the same place.
            if self._kind != "TIFF":
                self._broken = index
            raise

    def close(self) -> None:
        self._picture.close()
        self._stream.close()

    def _decode(self, index: int, name: str) -> Image:
        if index < self._next:
            # Going back, Pillow loses count of an APNG's chunks, and of a TIFF's damaged pages.
            self._picture = _open(self._stream, self._kind)
        self._next = index + 1
        picture = self._picture
        if picture.tell() != index:
            picture.seek(index)
        check_size(name, picture.width, picture.height, self._max_pixels)
        if self._kind == "JPEG" and picture.mode in ("L", "RGB"):
            image = _fast_jpeg(self._stream)
            if image is not None:
                return _turn(image, _orientation(picture))
        if self._kind == "TIFF" and picture.width * picture.height > _PILLOW_PIXELS:
            # Or else Pillow would warn of the size, by its own limit, when it makes room.
            size = getattr(picture, "_tile_size", picture.size)
            picture.im = PIL.Image.new(picture.mode, size).im
        return upright(picture)

    def _count_frames(self) -> int:
        picture = self._picture
        try:
            count = int(getattr(picture, "n_frames", 1))
        # A page behind the first is damaged: those before it count, and so does it, so that its
        # loss is reported when it is read.
        except Exception:
            count = self._reachable() + 1
            self._picture = _open(self._stream, self._kind)
            return count
        if self._kind == "PNG" and count > 1:
            return max(1, min(count, _apng_frames(self._stream) + 1))
        return max(1, count)

    def _reachable(self) -> int:
        count = 1
        while True:
            try:
                self._picture.seek(count)
            # Whatever it is, this is where the damage begins.
            except Exception:
                return count
            count += 1


def _open(stream: IO[bytes], kind: str) -> ImageFile:
    """The picture, its header read."""
    # Not by PIL.Image.open: it warns of large pictures, or refuses them, by a limit of its own
    # that is global.
    module, opener = _CLASSES[kind]
    stream.seek(0)
    factory = getattr(import_module(f"PIL.{module}"), opener)
    return cast("ImageFile", factory(stream, ""))


def _fast_jpeg(stream: IO[bytes]) -> Image | None:
    """The same pixels as Pillow's in two thirds of the time: no 4-byte pixels, no second copy.

    None for a JPEG without its end, or one that OpenCV cannot decode: Pillow says what is wrong.
    """
    stream.seek(0)
    data = stream.read()
    if not data.endswith(b"\xff\xd9"):
        return None
    try:
        image = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        return None
    return None if image is None else cast("Image", cv2.cvtColor(image, cv2.COLOR_BGR2RGB, image))


def _apng_frames(stream: IO[bytes]) -> int:
    """How many frames are in the file; its header may claim four thousand million."""
    position = stream.tell()
    stream.seek(8)
    frames = 0
    while len(head := stream.read(8)) == 8:
        frames += head[4:] == b"fcTL"
        stream.seek(int.from_bytes(head[:4], "big") + 4, 1)
    stream.seek(position)
    return frames


def upright(picture: PIL.Image.Image) -> Image:
    """A PIL image as RGB, turned as its EXIF data say."""
    image = to_rgb(picture)
    # Asked for after decoding: Pillow turns a TIFF on its own then, and says so.
    return _turn(image, _orientation(picture))


def to_rgb(picture: PIL.Image.Image) -> Image:
    """A PIL image of any mode as RGB, as it lies."""
    # First of all: a frame of a GIF may turn from RGB into RGBA by it.
    picture.load()
    if picture.mode == "F" or picture.mode.startswith("I"):
        return cast("Image", cv2.cvtColor(_eight_bits(picture), cv2.COLOR_GRAY2RGB))
    if picture.mode == "LAB":
        picture = picture.getchannel("L")
    if picture.has_transparency_data:
        return _flatten(picture.convert("RGBA"))
    if picture.mode == "1":
        picture = picture.convert("L")
    if picture.mode == "L":
        return cast("Image", cv2.cvtColor(np.asarray(picture), cv2.COLOR_GRAY2RGB))
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def array_to_rgb(array: NDArray[np.uint8]) -> Image:
    """(H, W), (H, W, 1), (H, W, 3) or (H, W, 4) as (H, W, 3); not copied if it is that already."""
    array = np.ascontiguousarray(array)
    if array.shape[2:] == (3,):
        return array
    if array.shape[2:] == (4,):
        return _flatten(PIL.Image.fromarray(array))
    return cast("Image", cv2.cvtColor(array, cv2.COLOR_GRAY2RGB))


def _eight_bits(picture: PIL.Image.Image) -> NDArray[np.uint8]:
    """Grey values of 16 or 32 bits or float, as 0 to 255.

    16 bits are scaled by 65535, or by 4095 if all fit into 12 bits, as cameras and scanners store
    them; float within 0 and 1 by 1; anything else from its least to its greatest value.
    """
    values: NDArray[np.float32] = np.asarray(picture).astype(np.float32)
    if picture.mode == "F":
        # Not a number and infinite must not spoil the rest.
        values = np.clip(np.nan_to_num(values), -1e30, 1e30)
    tops = (1.0,) if picture.mode == "F" else (4095.0, 65535.0)
    low, high = float(values.min()), float(values.max())
    top = next((top for top in tops if low >= 0 and high <= top), None)
    if top is None:
        values -= low
        top = high - low or 1.0
    scaled: NDArray[np.uint8] = np.rint(values * (255 / top)).astype(np.uint8)
    return scaled


def _flatten(picture: PIL.Image.Image) -> Image:
    """RGBA laid on white, or on black if 99 of 100 pixels that can be seen are light."""
    alpha = picture.getchannel("A")
    opaque = np.asarray(alpha)
    if opaque.min() == 255:
        return np.asarray(picture.convert("RGB"))
    seen = np.asarray(picture.convert("L"))[opaque > 127]
    light = seen.size > 0 and np.count_nonzero(seen < _LIGHT) * 100 <= seen.size
    canvas = PIL.Image.new("RGB", picture.size, "black" if light else "white")
    canvas.paste(picture, mask=alpha)
    return np.asarray(canvas)


def _orientation(picture: PIL.Image.Image) -> int:
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    # Pillow parses untrusted data here; damaged metadata must not cost the picture.
    except Exception:
        return 1
    return value if isinstance(value, int) else 1


def _turn(image: Image, orientation: int) -> Image:
    """The picture upright, for an EXIF orientation of 1 to 8; any other leaves it."""
    if orientation in (5, 7):
        image = cast("Image", cv2.transpose(image))
    if orientation in (3, 7):
        return cast("Image", cv2.rotate(image, cv2.ROTATE_180))
    if orientation == 2:
        return cast("Image", cv2.flip(image, 1))
    if orientation == 4:
        return cast("Image", cv2.flip(image, 0))
    if orientation == 6:
        return cast("Image", cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE))
    if orientation == 8:
        return cast("Image", cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE))
    return image
