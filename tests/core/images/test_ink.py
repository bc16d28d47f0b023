"""What counts as a mark on a page, and what does not."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from ocrx.images.ink import has_ink
from ocrx.types import Image

PAPER = np.full((240, 320, 3), 230, np.uint8)


def lit(low: int, high: int) -> Image:
    """Paper whose light falls off from one side to the other."""
    return np.repeat(np.linspace(low, high, 320).astype(np.uint8)[None, :, None], 240, 0).repeat(
        3, 2
    )


def grainy(sigma: float) -> Image:
    noise = np.random.default_rng(7).normal(0, sigma, PAPER.shape)
    return np.clip(PAPER + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "blank", [PAPER, np.zeros_like(PAPER), lit(120, 250), grainy(8), PAPER[:1, :1]]
)
def test_light_and_grain_are_no_ink(blank: Image) -> None:
    assert not has_ink(blank)


@pytest.mark.parametrize("paper", [PAPER, lit(120, 250), grainy(8)])
@pytest.mark.parametrize("colour", ["black", "navy", (150, 150, 150)])
def test_a_word_is_ink(paper: Image, colour: str) -> None:
    picture = PIL.Image.fromarray(paper)
    PIL.ImageDraw.Draw(picture).text((240, 100), "word", fill=colour)
    assert has_ink(np.asarray(picture))


def test_faint_print_is_ink_where_there_is_no_grain() -> None:
    picture = PIL.Image.fromarray(PAPER)
    PIL.ImageDraw.Draw(picture).text((20, 100), "faint words", fill=(222, 222, 222))
    assert has_ink(np.asarray(picture))


def test_light_on_dark_is_ink() -> None:
    picture = PIL.Image.new("RGB", (320, 240), "black")
    PIL.ImageDraw.Draw(picture).text((20, 100), "word", fill="white")
    assert has_ink(np.asarray(picture))
