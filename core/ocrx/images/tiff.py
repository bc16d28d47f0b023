"""Telling the pages of a TIFF from its reduced copies and masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# TIFF 6.0, section 8: NewSubfileType is a set of bits, the older SubfileType a number.
_NEW_SUBFILE_TYPE, _SUBFILE_TYPE = 254, 255
_REDUCED, _MASK = 1, 4
_OLD_REDUCED = 2


def pages_of(picture: ImageFile, count: int) -> list[int]:
    """The indexes of those of the first `count` frames that are pages.

    Masks are not, and neither are copies marked as reduced that are smaller than the largest page.
    If no frame is left, all are pages. The picture ends up at an arbitrary frame.
    """
    sizes, reduced, masks = [], set(), set()
    for frame in range(count):
        picture.seek(frame)
        tags = getattr(picture, "tag_v2", {})
        sizes.append(picture.width * picture.height)
        if _bits(tags.get(_NEW_SUBFILE_TYPE)) & _MASK:
            masks.add(frame)
        elif (
            _bits(tags.get(_NEW_SUBFILE_TYPE)) & _REDUCED or tags.get(_SUBFILE_TYPE) == _OLD_REDUCED
        ):
            reduced.add(frame)
    full = [size for frame, size in enumerate(sizes) if frame not in reduced | masks]
    largest = max(full, default=0)
    left_out = masks | {frame for frame in reduced if sizes[frame] < largest}
    return [frame for frame in range(count) if frame not in left_out] or list(range(count))


def _bits(value: object) -> int:
    return value if isinstance(value, int) else 0
