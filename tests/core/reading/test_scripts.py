"""Characters of Chinese print on pages in other scripts."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import write_plainly
from ocrx.types import Match, Text

IMAGE = np.zeros((8, 8, 3), dtype=np.uint8)


def page(*texts: Text) -> Work:
    view = View(rectangle(8, 8), IMAGE)
    return Work("", 0, IMAGE, 8, 8, candidates=[Candidate(view, 1.0, text=one) for one in texts])


def plainly(*lines: str) -> list[str]:
    work = page(*(Text.uniform(line, 0.9) for line in lines))
    write_plainly([work])
    return [candidate.text.text for candidate in work.candidates]


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("21.5 ℃", "21.5 °C"),
        ("21.5°℃", "21.5°C"),
        ("pop(self, *，", "pop(self, *,"),
        ("（２４ ㎡）", "(24 m²)"),
        ("Part Ⅲ", "Part III"),
        ("\u3000Name ", "Name"),
        ("½ x² №5 …", "½ x² №5 …"),
    ],
)
def test_compatibility_characters_are_written_plainly(read: str, written: str) -> None:
    assert plainly(read, "Words") == [written, "Words"]


def test_beside_chinese_they_stay() -> None:
    assert plainly("21.5 ℃", "室温：") == ["21.5 ℃", "室温："]


def test_the_characters_share_score_and_span() -> None:
    work = page(Text(("5", "℃"), (0.9, 0.6), ((0.0, 0.5), (0.5, 1.0))))
    write_plainly([work])
    (candidate,) = work.candidates
    assert candidate.text == Text(
        ("5", "°", "C"), (0.9, 0.6, 0.6), ((0.0, 0.5), (0.5, 0.75), (0.75, 1.0))
    )


def test_what_was_read_under_a_pattern_stays() -> None:
    text = Text(("℃",), (0.9,), ((0.0, 1.0),), Match("℃", 1.0, "℃"))
    work = page(text)
    write_plainly([work])
    assert work.candidates[0].text is text
