"""Pictures in a TIFF that are no pages: reduced copies, and masks."""

from __future__ import annotations

import struct
from typing import Any

import PIL.Image
import pytest

from ocrx.errors import InputError
from ocrx.images.opening import open_document
from support.samples import COLOURS, encode, mean

REDUCED, PAGE, MASK = {254: 1}, {254: 2}, {254: 4}
NOTE = "a reduced copy or mask of a page was left out of those in the file"


def tiff(*frames: tuple[int, dict[int, int]]) -> bytes:
    """Frames of (width, tags), each in a colour of its own."""
    pictures = [
        PIL.Image.new("RGB", (width, width), COLOURS[i % 4]) for i, (width, _) in enumerate(frames)
    ]
    for picture, (_, tags) in zip(pictures, frames, strict=True):
        picture.encoderinfo = {"tiffinfo": tags}
    first, *more = pictures
    return encode(first, "TIFF", save_all=True, append_images=more, tiffinfo=frames[0][1])


def colours(data: bytes) -> list[Any]:
    with open_document(data) as document:
        return [mean(document.image(index)) for index in range(len(document))]


@pytest.mark.parametrize("small", [REDUCED, MASK, {255: 2}, {254: 5}])
def test_reduced_copies_and_masks_are_no_pages(small: dict[int, int]) -> None:
    assert colours(tiff((60, {}), (20, small))) == COLOURS[:1]
    assert colours(tiff((20, small), (60, {}))) == COLOURS[1:2]
    assert colours(tiff((60, PAGE), (20, small), (60, PAGE), (20, small))) == [
        COLOURS[0],
        COLOURS[2],
    ]


def test_the_pixels_of_a_mask_need_not_be_known() -> None:
    """Pillow cannot open a frame whose PhotometricInterpretation is 4, as TIFF 6.0 wants it."""
    entry = struct.pack("<HHI", 262, 3, 1)
    head, page, mask, last = tiff((60, {}), (60, MASK), (60, {})).split(entry)
    data = entry.join((head, page, b"\4" + mask[1:], last))
    assert colours(data) == [COLOURS[0], COLOURS[2]]


def test_what_is_left_out_is_noted_on_the_first_page() -> None:
    with open_document(tiff((60, {}), (20, REDUCED), (50, {}))) as document:
        assert [document.page(index).notes for index in range(2)] == [(NOTE,), ()]
    with open_document(tiff((60, {}), (20, REDUCED), (10, REDUCED))) as document:
        (note,) = document.page(0).notes
        assert note.startswith("2 reduced copies")
    with open_document(tiff((60, {}), (50, {254: 2}))) as document:
        assert document.page(0).notes == ()


def test_pages_can_be_read_in_any_order_though_some_frames_are_none() -> None:
    data = tiff((20, REDUCED), (60, {}), (20, REDUCED), (60, {}))
    with open_document(data) as document:
        for index in (1, 0, 1, 1, 0):
            assert mean(document.image(index)) == COLOURS[1 + 2 * index]


def test_a_copy_that_is_not_smaller_than_any_page_is_one() -> None:
    assert len(colours(tiff((60, {}), (60, REDUCED)))) == 2
    assert len(colours(tiff((60, REDUCED), (60, REDUCED)))) == 2
    assert len(colours(tiff((60, REDUCED)))) == 1


def test_a_mask_in_a_file_of_masks_is_all_there_is() -> None:
    assert len(colours(tiff((60, MASK), (60, MASK)))) == 2


def test_a_damaged_page_behind_a_copy_is_still_told() -> None:
    data = tiff((60, {}), (20, REDUCED), (60, {}))
    with open_document(data[: data.index(b"II*\0") + len(data) - 60]) as document:
        assert mean(document.image(0)) == COLOURS[0]
        with pytest.raises(InputError):
            document.image(len(document) - 1)
