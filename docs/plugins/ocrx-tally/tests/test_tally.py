"""Tally marks are counted, each where it stands."""

from __future__ import annotations

import numpy as np

from ocrx_tally import TallyRecognizer


def test_every_stroke_is_counted_where_it_stands() -> None:
    crop = np.full((40, 100, 3), 255, np.uint8)
    crop[4:36, 10:14] = crop[4:36, 50:53] = 0
    (text,) = TallyRecognizer().recognize([crop])
    assert text.text == "||"
    assert np.allclose(text.spans, [(0.10, 0.14), (0.50, 0.53)])


def test_a_blank_and_a_black_crop() -> None:
    blank, black = np.full((40, 100, 3), 255, np.uint8), np.zeros((40, 100, 3), np.uint8)
    assert [text.text for text in TallyRecognizer().recognize([blank, black])] == ["", "|"]
