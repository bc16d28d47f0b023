"""The beam search against every path there is."""

from __future__ import annotations

import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.errors import UnknownOption, UsageError
from ocrx.interfaces.decoding import Emissions
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.plugins.options import make_options
from ocrx.plugins.registry import load_plugins
from ocrx_ctc.alignment import best_path
from ocrx_ctc.beam import Beam
from ocrx_ctc.settings import BeamOptions

CHARSET = ("a", "b")
Lattice = NDArray[np.float64]


@st.composite
def lattices(draw: st.DrawFn) -> Lattice:
    """Distributions over 3 classes at up to 6 steps, some of them with zeros."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps, sharpness = draw(st.integers(1, 6)), draw(st.sampled_from([0.05, 0.3, 1.0, 5.0]))
    return random.dirichlet(np.full(len(CHARSET) + 1, sharpness), steps)


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one for one, _ in itertools.groupby(path) if one)


def paths(lattice: Lattice) -> dict[tuple[int, ...], list[tuple[float, tuple[int, ...]]]]:
    """Every path, with its probability, by the classes that it spells."""
    found = defaultdict(list)
    for path in itertools.product(range(lattice.shape[1]), repeat=len(lattice)):
        probability = float(np.prod(lattice[np.arange(len(lattice)), path]))
        found[collapsed(path)].append((probability, path))
    return found


def emitted(lattice: Lattice) -> Emissions:
    return Emissions(lattice[None], CHARSET, [1.0])


@settings(max_examples=25)
@given(lattices())
def test_a_wide_beam_finds_the_most_probable_text(lattice: Lattice) -> None:
    totals = {
        "".join(CHARSET[c - 1] for c in text): sum(p for p, _ in found)
        for text, found in paths(lattice).items()
    }
    (read,) = Beam(BeamOptions(width=1000, threshold=0)).decode(emitted(lattice))
    assert totals[read.text] >= max(totals.values()) * (1 - 1e-9)


@settings(max_examples=25)
@given(lattices(), st.integers(1, 5))
def test_leaving_classes_out_that_cannot_be_kept_changes_nothing(
    lattice: Lattice, width: int
) -> None:
    """A reference that extends every beginning by every class, then keeps the best."""
    kept: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for step in lattice.tolist():
        found: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for prefix, (blank, other) in kept.items():
            found[prefix][0] += (blank + other) * step[0]
            for one in range(1, len(step)):
                longer = (*prefix, one)
                if prefix and one == prefix[-1]:
                    found[prefix][1] += other * step[one]
                    found[longer][1] += blank * step[one]
                else:
                    found[longer][1] += (blank + other) * step[one]
        best = sorted(found, key=lambda p: -sum(found[p]))[:width]
        kept = {p: (found[p][0], found[p][1]) for p in best}
    (read,) = Beam(BeamOptions(width=width, threshold=0)).decode(emitted(lattice))
    assert read.text == "".join(CHARSET[c - 1] for c in next(iter(kept)))


@settings(max_examples=25)
@given(lattices())
def test_characters_stand_on_the_most_probable_path_of_their_text(lattice: Lattice) -> None:
    for text, found in paths(lattice).items():
        path, scores = best_path(emitted(lattice), 0, text)
        assert collapsed(tuple(path.tolist())) == text
        assert np.prod(scores) == pytest.approx(max(p for p, _ in found), rel=1e-9, abs=1e-300)


def test_many_paths_of_one_text_outweigh_the_best_path_of_another() -> None:
    lattice = np.array([[0.6, 0.4, 0.0], [0.6, 0.4, 0.0]])  # blank, blank: 0.36; "a": 0.64
    assert ctc_greedy(emitted(lattice))[0].text == ""
    (read,) = Beam(BeamOptions()).decode(emitted(lattice))
    assert read.text == "a"
    assert read.scores == pytest.approx([0.4])


def test_long_lines_do_not_underflow() -> None:
    lattice = np.tile([[0.34, 0.33, 0.33], [0.32, 0.35, 0.33]], (500, 1))
    (read,) = Beam(BeamOptions(width=4)).decode(emitted(lattice))
    assert len(read.text) > 125


def test_a_step_without_any_class_above_the_threshold_is_passed_over() -> None:
    lattice = np.array([[0.1, 0.8, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.1, 0.1, 0.8]])
    (read,) = Beam(BeamOptions(threshold=0.5)).decode(emitted(lattice))
    assert read.text == "ab"


def test_a_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 characters do not fit into 2 steps"):
        best_path(emitted(np.full((2, 3), 1 / 3)), 0, [1, 1])  # a blank must stand between


@pytest.mark.parametrize(("option", "value"), [("width", 0), ("threshold", 1), ("threshold", -1)])
def test_options_that_make_no_sense_are_refused(option: str, value: float) -> None:
    entry = load_plugins().get("decoder", "beam")
    with pytest.raises(UnknownOption, match=option):
        make_options(entry.options, {option: value}, "decoder beam")


def words(folder: Path, content: str) -> str:
    path = folder / "words.txt"
    path.write_text(content, "utf-8")
    return str(path)


AB = emitted(np.array([[0.1, 0.6, 0.3], [0.1, 0.3, 0.6]]))
"""Reads ab most probably; ba and a are less probable."""


@pytest.mark.parametrize(
    ("content", "read"), [("ab", "ab"), ("ba\nother", "ba"), ("a", "a"), ("nothing alike", "ab")]
)
def test_a_text_of_known_words_comes_before_a_more_probable_one(
    tmp_path: Path, content: str, read: str
) -> None:
    [text] = Beam(BeamOptions(words=words(tmp_path, content))).decode(AB)
    assert text.text == read
    assert len(text.scores) == len(text.spans) == len(read)


@settings(max_examples=25)
@given(lattices())
def test_without_a_known_word_nothing_changes(
    tmp_path_factory: pytest.TempPathFactory, lattice: Lattice
) -> None:
    path = words(tmp_path_factory.getbasetemp(), "zebra")
    plain, worded = Beam(BeamOptions()), Beam(BeamOptions(words=path))
    assert worded.decode(emitted(lattice)) == plain.decode(emitted(lattice))


@pytest.mark.parametrize(("content", "told"), [(None, "cannot be read"), ("  \n", "has no words")])
def test_a_bad_list_of_words_is_named(tmp_path: Path, content: str | None, told: str) -> None:
    path = str(tmp_path / "none.txt") if content is None else words(tmp_path, content)
    with pytest.raises(UsageError, match=told):
        Beam(BeamOptions(words=path))
