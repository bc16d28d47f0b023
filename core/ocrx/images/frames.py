"""Picture files with one or more frames, such as pages of a TIFF or an animation."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING, cast

import cv2
import numpy as np
import PIL.Image

from ocrx.errors import InputError
from ocrx.images.depth import eight_bits, is_deep_colour, keep_other_byte, uses_little
from ocrx.images.document import Document, Raster, check_size, decoding
from ocrx.images.formats import open_picture
from ocrx.images.metadata import orientation, pixel_aspect, resolution
from ocrx.images.rgb import to_rgb
from ocrx.images.tiff import count_frames, pages_of
from ocrx.images.upright import upright

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from ocrx.types import Image

_PILLOW_PIXELS = 80_000_000


class Frames(Document):
    """A picture file as a document: its only frame, the pages of a TIFF, or the frames of an
    animation.

    Takes over `stream`. Raises InputError for a damaged file or a missing decoder, and
    ImageTooLarge for one over `max_pixels`.
    """

    def __init__(self, stream: IO[bytes], kind: str, name: str, max_pixels: int) -> None:
        super().__init__(name)
        self._stream = stream
        self._kind = kind
        self._max_pixels = max_pixels
        with decoding(name):
            self._picture = open_picture(stream, kind, name)
            check_size(name, self._picture.width, self._picture.height, max_pixels)
            self._frames, self._copies = self._find_frames()
        self._broken = len(self._frames)
        self._next = 0

    def __len__(self) -> int:
        return len(self._frames)

    def page(self, index: int) -> Raster:
        name = self.page_name(index)
        if index > self._broken:
            raise InputError(
                f"{name} cannot be reached: page {self._broken + 1} before it is damaged",
                "Get the file again.",
            )
        try:
            with decoding(name):
                return self._decode(index, name)
        except InputError:
            # A frame of an animation is a change to the one before it. Without this, each later
            # frame would be decoded from the first on, only to fail at the same place.
            if self._kind != "TIFF":
                self._broken = index
            raise

    def close(self) -> None:
        self._picture.close()
        self._stream.close()

    def _decode(self, index: int, name: str) -> Raster:
        if index < self._next:
            # Seeking backwards, Pillow miscounts an APNG's chunks and a TIFF's damaged pages.
            self._picture = open_picture(self._stream, self._kind, self.name)
        self._next = index + 1
        picture = self._picture
        self._go_to(picture, index)
        check_size(name, picture.width, picture.height, self._max_pixels)
        deep = is_deep_colour(picture)
        # Pillow turns a TIFF upright when it decodes it, and then drops its orientation. Of other
        # formats it knows the orientation only after decoding.
        lain = self._kind == "TIFF" and orientation(picture) >= 5
        image, notes = self._pixels(picture)
        if deep and uses_little(image):
            image, notes = self._deep(index, image)
        aspect = pixel_aspect(picture, self._gif_aspect())
        if lain:
            aspect = 1 / aspect
        notes = (*notes, *self._left_out(index))
        stored = orientation(picture)
        page = upright(image, stored, aspect, self._max_pixels, notes)
        return replace(page, dpi=resolution(picture, lain or stored >= 5))

    def _go_to(self, picture: ImageFile, index: int) -> None:
        frame = self._frames[index]
        if picture.tell() != frame:
            picture.seek(frame)

    def _pixels(self, picture: ImageFile) -> tuple[Image, tuple[str, ...]]:
        if self._kind == "JPEG" and picture.mode in ("L", "RGB"):
            image = _fast_jpeg(self._stream)
            if image is not None:
                return image, ()
        if self._kind == "TIFF" and picture.width * picture.height > _PILLOW_PIXELS:
            # Allocated here, because Pillow would warn about the size by its own limit.
            size = getattr(picture, "_tile_size", picture.size)
            picture.im = PIL.Image.new(picture.mode, size).im
        return to_rgb(picture)

    def _deep(self, index: int, high: Image) -> tuple[Image, tuple[str, ...]]:
        """A picture of 16 bits per channel, of which `high` holds the upper eight."""
        picture = open_picture(self._stream, self._kind, self.name)
        self._go_to(picture, index)
        keep_other_byte(picture)
        low, _ = self._pixels(picture)
        return eight_bits(high.astype(np.uint16) << 8 | low)

    def _left_out(self, index: int) -> tuple[str, ...]:
        if index or not self._copies:
            return ()
        what = (
            "a reduced copy or mask of a page was"
            if self._copies == 1
            else (f"{self._copies} reduced copies or masks of pages were")
        )
        return (f"{what} left out of those in the file",)

    def _gif_aspect(self) -> int:
        if self._kind != "GIF":
            return 0
        position = self._stream.tell()
        self._stream.seek(12)
        aspect = self._stream.read(1)
        self._stream.seek(position)
        return aspect[0] if aspect else 0

    def _find_frames(self) -> tuple[list[int], int]:
        """The indexes of frames that are pages, and the number of those that are not."""
        picture = self._picture
        lost = 0
        try:
            tiff = self._kind == "TIFF"
            count = count_frames(picture) if tiff else int(getattr(picture, "n_frames", 1))
        # A later page is damaged. It counts as a page, so that reading it reports the damage.
        except Exception:
            count, lost = self._reachable(), 1
        if self._kind == "PNG" and count > 1:
            count = min(count, _apng_frames(self._stream) + 1)
        count = max(1, count)
        frames = list(range(count))
        if self._kind == "TIFF" and count > 1:
            frames = pages_of(picture, count)
        if lost or len(frames) < count:
            self._picture = open_picture(self._stream, self._kind, self.name)
        return [*frames, *range(count, count + lost)], count - len(frames)

    def _reachable(self) -> int:
        count = 1
        while True:
            try:
                self._picture.seek(count)
            # Whatever Pillow raises, the damage begins here.
            except Exception:
                return count
            count += 1


def _fast_jpeg(stream: IO[bytes]) -> Image | None:
    """Decodes to the same pixels as Pillow in two thirds of the time, because it has no 4-byte
    pixels and no second copy.

    None for a truncated JPEG, or one that OpenCV cannot decode: Pillow then says what is wrong.
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
    """The number of frames in the file, counted, as the header may claim four thousand million."""
    position = stream.tell()
    stream.seek(8)
    frames = 0
    while len(head := stream.read(8)) == 8:
        frames += head[4:] == b"fcTL"
        stream.seek(int.from_bytes(head[:4], "big") + 4, 1)
    stream.seek(position)
    return frames
