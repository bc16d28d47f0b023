"""A zero before a unit that was read as a letter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.zeros import write_zeros
from ocrx.types import Match, Text


def written(text: Text) -> str:
    crop = np.full((20, 200, 3), 255, np.uint8)
    candidate = Candidate(View(rectangle(200, 20), crop), 1.0, text=text)
    write_zeros([Work("", 0, crop, 200, 20, candidates=[candidate])])
    return candidate.text.text


@pytest.mark.parametrize(
    ("read", "zero"),
    [
        ("Trans Fat Og", "Trans Fat 0g"),
        ("Sodium Omg, Fat Og, Sugar O%", "Sodium 0mg, Fat 0g, Sugar 0%"),
        ("from OHz", "from 0Hz"),
        ("Vand. Og salt", "Vand. Og salt"),
        ("Omg, no", "Omg, no"),
        ("an Ogre, an Oboe, John O", "an Ogre, an Oboe, John O"),
        ("K O-ring", "K O-ring"),
    ],
)
def test_an_o_before_a_unit_is_a_zero(read: str, zero: str) -> None:
    assert written(Text.uniform(read, 0.9)) == zero


def test_what_was_read_under_a_pattern_stays() -> None:
    text = Text.uniform("Fat Og", 0.9)
    assert written(replace(text, match=Match(".*", 1.0, "Fat Og"))) == "Fat Og"
