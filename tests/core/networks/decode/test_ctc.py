"""Greedy CTC decoding."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.interfaces.decoding import Emissions
from ocrx.networks.decode.ctc import ctc_greedy, ctc_undecided

CHARSET = ("a", "b", "c", " ")
LETTERS = ("a", "b", "c", "d")


def path(classes: list[int], score: float = 0.9) -> NDArray[np.float32]:
    """Probabilities of shape (T, 5) whose best class at each step is the one given."""
    rows = np.full((len(classes), len(CHARSET) + 1), (1 - score) / len(CHARSET), dtype=np.float32)
    rows[np.arange(len(classes)), classes] = score
    return rows


def emitted(*rows: NDArray[np.floating], fraction: float = 1.0) -> Emissions:
    return Emissions(np.stack(rows), CHARSET, [fraction] * len(rows))


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A text and one of the many paths that spell it."""
    classes = draw(st.lists(st.integers(1, len(CHARSET)), max_size=12))
    steps: list[int] = []
    for before, current in itertools.pairwise([0, *classes]):
        blanks = draw(st.integers(1 if before == current else 0, 2))
        steps += [0] * blanks + [current] * draw(st.integers(1, 3))
    steps += [0] * draw(st.integers(0 if steps else 1, 3))
    return "".join(CHARSET[c - 1] for c in classes), steps


@given(spelled())
def test_any_path_of_a_text_reads_as_the_text(example: tuple[str, list[int]]) -> None:
    text, steps = example
    (read,) = ctc_greedy(emitted(path(steps)))
    assert read.text == text
    assert read.scores == pytest.approx([0.9] * len(text), abs=1e-6)
    edges = [edge for span in read.spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 1 for edge in edges)


def test_spans_lie_around_the_characters() -> None:
    (read,) = ctc_greedy(emitted(path([0, 1, 0, 0, 0, 2, 0, 0])))
    (a_start, a_end), (b_start, b_end) = read.spans
    assert a_start < 1.5 / 8 < a_end == b_start < 5.5 / 8 < b_end


def test_what_is_padding_is_not_part_of_the_span() -> None:
    steps = [0, 1, 0, 2, 0, 0, 0, 0]
    (half,) = ctc_greedy(emitted(path(steps), fraction=0.5))
    assert half.spans[-1][1] > 0.8, "the second character ends near the end of the picture"


def test_a_score_is_that_of_the_step_where_the_character_begins() -> None:
    probabilities = np.concatenate([path([0]), path([1], 0.5), path([1], 0.99), path([2], 0.7)])
    (read,) = ctc_greedy(emitted(probabilities))
    assert read.scores == pytest.approx([0.5, 0.7], abs=1e-6)
    assert read.score == pytest.approx(0.6, abs=1e-6)


def test_rows_of_a_batch_are_read_each_for_itself() -> None:
    batch = emitted(path([1, 0, 2]), path([0, 0, 0]), path([3, 3, 0]))
    assert [t.text for t in ctc_greedy(batch)] == ["ab", "", "c"]


def test_a_near_tie_between_two_characters_leaves_a_row_undecided() -> None:
    rows = path([1, 0, 2, 0])
    rows[2, [2, 3]] = 0.5, 0.4
    assert ctc_undecided(emitted(path([1, 0, 2, 0]), rows), 0.7) == [1]
    assert ctc_undecided(emitted(rows), 0.9) == []


def test_a_near_tie_that_changes_nothing_is_none() -> None:
    rows = path([1, 1, 0, 2])
    rows[1, [1, 0]] = 0.5, 0.49  # the character's last step: as well the blank after it
    assert ctc_undecided(emitted(rows), 0.7) == []
    rows[2, [0, 1]] = 0.5, 0.49
    assert ctc_undecided(emitted(rows), 0.7) == []
    rows[3, [2, 0]] = 0.5, 0.49  # its only step: it would be gone
    assert ctc_undecided(emitted(rows), 0.7) == [0]


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1.0), st.integers(1, 4), st.floats(0.5, 4.0))
def test_rows_are_undecided_where_one_near_tie_taken_otherwise_changes_the_text(
    seed: int, nearness: float, count: int, sharpness: float
) -> None:
    logits = np.random.default_rng(seed).normal(0, sharpness, (count, 6, len(CHARSET) + 1))
    batch = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)

    def lettered(*rows: NDArray[np.float64]) -> Emissions:
        """Without a space, because one is read in more places than the best class says."""
        return Emissions(np.stack(rows), LETTERS, [1.0] * len(rows))

    def hangs(row: NDArray[np.float64]) -> bool:
        (read,) = ctc_greedy(lettered(row))
        for step, other in np.ndindex(row.shape):
            if row[step, other] >= nearness * row[step].max():
                changed = row.copy()
                changed[step, other] = 2
                (otherwise,) = ctc_greedy(lettered(changed))
                if otherwise.text != read.text:
                    return True
        return False

    expected = [i for i in range(count) if hangs(batch[i])]
    assert ctc_undecided(lettered(*batch), nearness) == expected
    logs = Emissions(np.log(batch), CHARSET, [1.0] * count, log=True)
    assert [text.text for text in ctc_greedy(logs)] == [t.text for t in ctc_greedy(emitted(*batch))]
