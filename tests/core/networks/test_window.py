"""The part of a picture that holds anything."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.networks.window import MARGIN, window
from ocrx.types import Image
from support.labels import label


def with_text(page: Image, top: int, left: int, height: int, words: str = "Total 17.50") -> Image:
    text = label([words], (60 + height * len(words), 3 * height), height=height)
    below = page[top : top + text.shape[0], left : left + text.shape[1]]
    np.minimum(below, text[: below.shape[0], : below.shape[1]], out=below)
    return page


def ends(page: Image) -> list[int]:
    rows, columns = window(page)
    return [rows.start, rows.stop, columns.start, columns.stop]


def inked(page: Image) -> list[int]:
    """The first and the last row and column with ink, as `ends` has them, with a margin."""
    rows, columns = np.nonzero((page < 200).any(axis=2))
    found = [rows.min() - MARGIN, rows.max() + MARGIN, columns.min() - MARGIN]
    return [int(end) for end in (*found, columns.max() + MARGIN)]


@pytest.mark.parametrize("height", [14, 24, 150, 600])
def test_text_of_any_size_is_within(height: int) -> None:
    page = with_text(np.full((2400, 4000, 3), 255, np.uint8), 700, 300, height, "Lot 7")
    top, bottom, left, right = ends(page)
    first, last, start, stop = inked(page)
    assert top <= first + 1
    assert bottom >= last
    assert left <= start + 1
    assert right >= stop
    assert (bottom - top) * (right - left) < 0.8 * 2400 * 4000


def test_faint_text_far_from_the_rest_is_within() -> None:
    page = with_text(np.full((1600, 1000, 3), 255, np.uint8), 100, 100, 20)
    faint = with_text(np.full((1600, 1000, 3), 255, np.uint8), 1400, 800, 16, "page 3")
    page = np.minimum(page, 230 + faint // 10)
    assert ends(page)[1] > 1400
    assert ends(page)[3] > 850


def test_a_page_number_alone_is_within() -> None:
    page = with_text(np.full((1600, 1000, 3), 255, np.uint8), 100, 100, 20)
    assert ends(with_text(page, 1500, 500, 20, "3"))[1] > 1515


def test_dust_and_shadows_of_edges_are_not() -> None:
    page = with_text(np.full((1600, 1000, 3), 255, np.uint8), 400, 300, 20)
    clean = ends(page)
    random = np.random.default_rng(0)
    for y, x in random.integers(0, (1590, 990), (40, 2)).tolist():
        page[y : y + 2, x : x + 2] = 150
    page[:6] = page[:, :4] = page[-9:] = 40
    assert ends(page) == clean


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (40, 40), (900, 12)])
def test_any_size_will_do(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert ends(noise) == [0, shape[0], 0, shape[1]]
    assert ends(np.zeros((*shape, 3), np.uint8)) == [0, shape[0], 0, shape[1]]


def test_a_page_that_is_nearly_full_is_left_whole() -> None:
    page = np.full((1000, 660, 3), 255, np.uint8)
    for top in range(20, 960, 60):
        with_text(page, top, 10, 20, "A line of text that runs on and on " * 2)
    assert ends(page) == [0, 1000, 0, 660]
