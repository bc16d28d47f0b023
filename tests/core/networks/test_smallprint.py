"""Where small text may be."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.networks.smallprint import PATCH, dense_patches, outside
from ocrx.types import Region, frozen_quad
from support.labels import label


def test_small_text_is_dense_and_rules_and_bars_are_not() -> None:
    image = np.full((3000, 400, 3), 255, np.uint8)
    image[100:102] = image[:, 300:303] = 0
    image[500:900, 20:200] = 90
    assert not dense_patches(image).any()
    text = label(["small print"], (200, 60), height=12)
    image[2000 : 2000 + text.shape[0], 40 : 40 + text.shape[1]] = text
    patches = dense_patches(image)
    assert patches.shape == (375, 50)
    rows, _ = np.nonzero(patches)
    assert len(rows) >= 4
    assert rows.min() * PATCH >= 1990
    assert rows.max() * PATCH <= 2000 + text.shape[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (7, 9), (1025, 17)])
def test_any_size_will_do(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    patches = dense_patches(noise)
    assert patches.shape == (-(-shape[0] // PATCH), -(-shape[1] // PATCH))
    if min(shape) > PATCH:
        assert patches[: shape[0] // PATCH, : shape[1] // PATCH].mean() > 0.9


def test_what_lines_account_for_is_left_out() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (160, 320, 3), dtype=np.uint8)
    patches = dense_patches(noise)
    quad = frozen_quad([[0, 0], [80, 0], [80, 8], [0, 8]])
    left = outside(patches, [Region(quad, 1.0)], scale=2.0)
    assert not left[:2, :20].any()
    assert np.array_equal(left[:, 23:], patches[:, 23:])


@pytest.mark.parametrize("sideways", [False, True])
def test_a_caption_in_the_box_of_its_photograph_is_not_accounted_for(sideways: bool) -> None:
    image = np.full((600, 800, 3), 255, np.uint8)
    image[70:480] = np.linspace(0, 255, 800, dtype=np.uint8)[None, :, None]
    caption = label(["By the lake, 1926"], (260, 40), height=14)
    image[500:540, 20:280] = image[10:50, 20:280] = caption
    quad = frozen_quad([[0, 0], [800, 0], [800, 556], [0, 556]])
    if sideways:
        image = np.ascontiguousarray(image.transpose(1, 0, 2))
        quad = frozen_quad(quad[::-1, ::-1])
    patches = dense_patches(image)
    left = outside(patches, [Region(quad, 1.0)], scale=1.0)
    assert np.count_nonzero(left) > 0.8 * np.count_nonzero(patches) > 8


@pytest.mark.parametrize(("lines", "height", "covered"), [(1, 48, True), (6, 12, False)])
def test_a_block_of_small_print_is_no_line(lines: int, height: int, covered: bool) -> None:
    image = label(["small print in lines"] * lines, (700, 24 + 60 * lines), height=height)
    if lines > 1:  # closer together
        image = np.concatenate([image[24 + 60 * i : 42 + 60 * i] for i in range(lines)])
    width = 560 if lines == 1 else 180
    quad = frozen_quad([[0, 0], [width, 0], [width, len(image)], [0, len(image)]])
    left = outside(dense_patches(image), [Region(quad, 1.0)], scale=1.0)
    assert left.any() != covered


@pytest.mark.parametrize(("height", "around", "covered"), [(48, 10, True), (12, 30, False)])
def test_a_box_much_higher_than_its_text_is_no_line(
    height: int, around: int, covered: bool
) -> None:
    text = label(["small print"], (30 + 6 * height, 24 + 2 * height), height=height)
    rows = np.flatnonzero((text < 128).any(axis=(1, 2)))
    image = np.pad(
        text[rows[0] : rows[-1] + 1], ((around, around), (0, 0), (0, 0)), constant_values=255
    )
    high, wide = image.shape[:2]
    quad = frozen_quad([[0, 0], [wide, 0], [wide, high], [0, high]])
    patches = dense_patches(image)
    assert patches.any()
    assert outside(patches, [Region(quad, 1.0)], scale=1.0).any() != covered
