"""Telling the pages of a TIFF from its reduced copies and masks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# TIFF 6.0, section 8: NewSubfileType is a set of bits, the older SubfileType a number.
_NEW_SUBFILE_TYPE, _SUBFILE_TYPE = 254, 255
_REDUCED, _MASK = 1, 4
_OLD_REDUCED = 2


def count_frames(picture: ImageFile) -> int:
    """The number of frames of a TIFF. Raises whatever Pillow does for one that is damaged."""
    count = 1
    while True:
        try:
            _go_to(picture, count)
        except EOFError:
            return count
        count += 1


def pages_of(picture: ImageFile, count: int) -> list[int]:
    """The indexes of those of the first `count` frames that are pages.

    Masks are not, and neither are copies marked as reduced that are smaller than the largest page.
    If no frame is left, all are pages. The picture ends up at an arbitrary frame.
    """
    sizes, reduced, masks = [], set(), set()
    for frame in range(count):
        _go_to(picture, frame)
        tags = _tags(picture)
        sizes.append(picture.width * picture.height)
        if _is_mask(picture):
            masks.add(frame)
        elif (
            _bits(tags.get(_NEW_SUBFILE_TYPE)) & _REDUCED or tags.get(_SUBFILE_TYPE) == _OLD_REDUCED
        ):
            reduced.add(frame)
    full = [size for frame, size in enumerate(sizes) if frame not in reduced | masks]
    largest = max(full, default=0)
    left_out = masks | {frame for frame in reduced if sizes[frame] < largest}
    return [frame for frame in range(count) if frame not in left_out] or list(range(count))


def _go_to(picture: ImageFile, frame: int) -> None:
    """Seek a frame. Pillow knows no mode for the pixels of a mask, but its tags are read then."""
    try:
        picture.seek(frame)
    except SyntaxError:
        if not _is_mask(picture):
            raise


def _is_mask(picture: ImageFile) -> bool:
    return bool(_bits(_tags(picture).get(_NEW_SUBFILE_TYPE)) & _MASK)


def _tags(picture: ImageFile) -> Mapping[int, object]:
    tags: Mapping[int, object] = getattr(picture, "tag_v2", {})
    return tags


def _bits(value: object) -> int:
    return value if isinstance(value, int) else 0
