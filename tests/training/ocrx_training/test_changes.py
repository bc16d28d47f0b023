"""Pictures of lines that are changed, and the alignments that a network is told at first."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx_training.charset import Charset
from ocrx_training.learning.batches import WIDEST, Line, Span, collated
from ocrx_training.learning.changes import changed
from ocrx_training.learning.losses import aligned, ctc, placed

BAR = np.full((40, 100, 3), 250, np.uint8)
BAR[:, 30:60] = 10
"""A dark bar on a bright ground."""


@settings(max_examples=20)
@given(st.integers(1, 1000), st.integers(8, 60), st.integers(0, 2**32 - 1))
def test_a_changed_line_has_the_height_of_the_network(width: int, height: int, seed: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    found = changed(Line(picture, "A"), np.random.default_rng(seed))
    assert found.text == "A"
    assert found.picture.shape[0] == 32
    assert 8 <= found.picture.shape[1] <= WIDEST


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_where_the_text_is_changes_with_it(seed: int) -> None:
    found = changed(Line(BAR, "I", (0.3, 0.6)), np.random.default_rng(seed))
    row = found.picture[16, :, 1].astype(int)
    apart = np.abs(row - np.median(row))
    bar = np.flatnonzero(apart > apart.max() / 2)
    assert np.abs(np.array([bar[0], bar[-1] + 1]) / len(row) - found.span).max() < 0.06


def lines(texts: list[str], spans: list[Span]) -> list[Line]:
    return [
        Line(np.zeros((32, 32, 3), np.uint8), text, span)
        for text, span in zip(texts, spans, strict=True)
    ]


def test_characters_are_aligned_evenly_between_the_ends() -> None:
    batch = collated(lines(["AB", "B"], [(0.0, 1.0), (0.5, 1.0)]), Charset("AB"))
    assert aligned(batch, 8).tolist() == [[0, 1, 1, 0, 0, 2, 2, 0], [0, 0, 0, 0, 0, 2, 2, 0]]


@settings(max_examples=30)
@given(st.text("ABC", min_size=1, max_size=4), st.floats(-0.1, 0.4), st.floats(0.6, 1.1))
def test_an_alignment_is_one_that_ctc_takes(text: str, start: float, end: float) -> None:
    charset = Charset("ABC")
    (found,) = aligned(collated(lines([text], [(start, end)]), charset), 64).tolist()
    assert charset.text(found) == text


def test_losses_fall_as_the_logits_come_to_the_text() -> None:
    batch = collated(lines(["ABB"], [(0.0, 1.0)]), Charset("AB"))
    for loss, right in ((ctc, aligned(batch, 12)), (placed, torch.tensor([[1, 0, 2, 0, 2, 0]]))):
        logits = torch.eye(3)[right]
        near, far = (float(loss(batch, logits * by, 1.0)) for by in (20, 1))
        assert near < 0.01 < far
