"""Rows of single letters, or digits, as over the columns of a grid."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.headings import write_alike
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text, frozen_quad

CROP = np.zeros((20, 20, 3), dtype=np.uint8)


def written(*rows: str, tall: str = "") -> list[str]:
    """What rows of texts with spaces between them are written as. Those in `tall` are taller than
    wide."""
    work = Work("", 0, CROP, 20, 20)
    for i, row in enumerate(rows):
        for k, text in enumerate(row.split()):
            quad = frozen_quad(rectangle(20, 20) + np.array([40 * k, 40 * i + k % 3]))
            view = View(quad, CROP)
            one = Candidate(view, 1.0, tall=text in tall, text=Text.uniform(text, 0.9))
            work.candidates.append(one)
    write_alike([work])
    texts = iter([one.text.text for one in work.candidates])
    return [" ".join(next(texts) for _ in row.split()) for row in rows]


@pytest.mark.parametrize(
    ("row", "as_meant"),
    [
        ("B — N G 0", "B I N G O"),
        ("B 1 N G O", "B I N G O"),
        ("M O M 0 F S S", "M O M O F S S"),
        ("5 O 7 — 9", "5 0 7 1 9"),
    ],
)
def test_the_others_in_a_row_tell_letters_from_digits(row: str, as_meant: str) -> None:
    assert written(row, "12 20 43 50", tall="—") == [as_meant, "12 20 43 50"]
    assert written(row, "12", tall="—") == [row, "12"]  # no columns below


@pytest.mark.parametrize("row", ["B 7 N 0", "B N 0", "B N G Total 0", "B — N G"])
def test_other_rows_stay_as_they_are(row: str) -> None:
    assert written(row, "12 20 43 50") == [row, "12 20 43 50"]
