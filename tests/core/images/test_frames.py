"""Documents of several pages or frames: order, damage, and claims not to be believed."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import numpy as np
import PIL.Image
import pytest

from ocrx.errors import ImageTooLarge, InputError
from ocrx.images.opening import open_document
from support.samples import COLOURS, animation, encode, gradient, mean


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 1, 0, 2)], ids=str)
def test_frames_are_decoded_in_any_order(kind: str, order: tuple[int, ...]) -> None:
    with open_document(animation(kind)) as document:
        assert len(document) == 4
        for index in order:
            assert mean(document.image(index)) == COLOURS[index]
        for index in (-1, 4):
            with pytest.raises(IndexError):
                document.image(index)


def test_pages_of_a_tiff_differ_in_size_and_mode_and_fail_alone() -> None:
    pages = [gradient(30, 20).convert("L"), gradient(10, 40), gradient(50, 5).convert("1")]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with open_document(data) as document:
        shapes = [document.image(i).shape for i in range(len(document))]
    assert shapes == [(20, 30, 3), (40, 10, 3), (5, 50, 3)]
    with open_document(data, max_pixels=600) as document:
        assert len(document) == 3
        assert document.image(0).shape == (20, 30, 3)
        assert document.image(1).shape == (40, 10, 3)
    with open_document(
        encode(pages[2], "TIFF", save_all=True, append_images=pages[:2]), max_pixels=500
    ) as document:
        with pytest.raises(ImageTooLarge, match="page 2 of bytes is 30x20"):
            document.image(1)
        assert document.image(2).shape == (40, 10, 3)


def test_a_damaged_page_of_a_tiff_costs_only_itself() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3, 40, 40, 3), np.uint8)
    pages = [PIL.Image.fromarray(page) for page in noise]
    data = bytearray(
        encode(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate")
    )
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    with open_document(bytes(data)) as document:
        assert len(document) == 3
        np.testing.assert_array_equal(document.image(0), noise[0])
        with pytest.raises(InputError, match="page 2 of bytes is damaged"):
            document.image(1)
        np.testing.assert_array_equal(document.image(2), noise[2])


def test_a_tiff_whose_last_page_cannot_be_found_reports_the_loss() -> None:
    pages = [gradient(30, 20)] * 3
    data = bytearray(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    directory = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[directory : directory + 2], "little")
    following = directory + 2 + 12 * entries
    data[following : following + 4] = (len(data) - 1).to_bytes(4, "little")
    with open_document(bytes(data)) as document:
        assert len(document) == 2
        assert document.image(0).shape == (20, 30, 3)
        with pytest.raises(InputError, match="page 2 of bytes is damaged"):
            document.image(1)


def test_a_tiff_whose_pages_form_a_ring_ends() -> None:
    data = bytearray(encode(gradient(8, 8), "TIFF"))
    start = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[start : start + 2], "little")
    following = start + 2 + 12 * entries
    data[following : following + 4] = start.to_bytes(4, "little")
    with open_document(bytes(data)) as document:
        assert len(document) <= 2
        assert document.image(0).shape == (8, 8, 3)


def test_frames_behind_a_damaged_one_fail_at_once() -> None:
    data = animation("PNG", 200)
    second = data.index(b"fdAT", data.index(b"fdAT") + 1)
    with open_document(data[: second + 8] + b"????" + data[second + 12 :]) as document:
        assert len(document) == 200
        assert mean(document.image(0)) == COLOURS[0]
        failures = []
        for index in range(1, 200):
            try:
                document.image(index)
            except InputError as error:
                failures.append(str(error))
    assert len(failures) >= 197
    assert "cannot be reached" in failures[-1]
    assert "page 200 of bytes" in failures[-1]


def test_a_number_of_frames_is_not_believed() -> None:
    data = animation("PNG")
    position = data.index(b"acTL") + 4
    lie = data[:position] + (0x7FFFFFFF).to_bytes(4, "big") + data[position + 4 :]
    with open_document(_with_checksum(lie, position - 4)) as document:
        assert len(document) <= 5
        assert mean(document.image(3)) == COLOURS[3]


def _with_checksum(data: bytes, chunk: int) -> bytes:
    length = int.from_bytes(data[chunk - 4 : chunk], "big")
    end = chunk + 4 + length
    return data[:end] + zlib.crc32(data[chunk:end]).to_bytes(4, "big") + data[end + 4 :]


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_a_long_animation_does_not_pile_up(kind: str) -> None:
    frames = [PIL.Image.new("L", (300, 300), i) for i in range(120)]
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    with open_document(data) as document:
        assert len(document) == 120
        document.image(0)
        tracemalloc.start()
        for index in range(len(document)):
            assert document.image(index).shape == (300, 300, 3)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10 * 300 * 300 * 3
