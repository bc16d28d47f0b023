"""The quality of lines: examples worked out by hand, and what holds for every reading."""

from __future__ import annotations

import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.quality import WORST, Folding, measure_quality
from ocrx.bench.figures.result import Confusion, Interval, Miss, Quality
from ocrx.errors import UsageError

TEXTS = st.text("AB01Oo I-é", max_size=8)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)


def measure(*pairs: tuple[str, str | None], folding: Folding | None = None) -> Quality:
    """Of lines: (truth, read)."""
    samples = [Sample(f"{index}", b"", truth) for index, (truth, _) in enumerate(pairs)]
    answers = [None if read is None else Answer(read) for _, read in pairs]
    return measure_quality(samples, answers, folding or Folding())


def value(interval: Interval | None) -> float:
    assert interval is not None
    return interval.value


def test_confidences_are_judged_if_every_line_has_one() -> None:
    samples = [Sample(f"{i}", b"", "A") for i in range(4)]
    told = [Answer("A", confidence=0.9), Answer("B", confidence=0.8), Answer("A", confidence=0.3)]
    quality = measure_quality(samples, [*told, None], Folding())
    assert quality.trust is not None
    assert (quality.trust.read_01.value, quality.trust.read_1.value) == (25.0, 25.0)
    assert [(step.read, step.misread) for step in quality.trust.curve] == [
        (25.0, 0.0), (75.0, 25.0), (100.0, 50.0),
    ]  # fmt: skip
    assert measure_quality(samples, [*told, Answer("A")], Folding()).trust is None


def test_lines_worked_out_by_hand() -> None:
    quality = measure(("B0B", "BOB"), ("1234567", "1234567"), ("kitten", "sitting"), ("AB", None))
    # 1 + 0 + 3 + 2 edits of 18 characters; one of four lines is exact
    assert value(quality.characters) == pytest.approx(100 * (1 - 6 / 18))
    assert value(quality.exact) == 25
    assert (quality.words, quality.precision, quality.recall, quality.hmean) == (None,) * 4
    assert (quality.samples, quality.folding) == (4, "none")
    assert quality.confusions == (
        Confusion("", "g", 1),
        Confusion("0", "O", 1),
        Confusion("e", "i", 1),
        Confusion("k", "s", 1),
    )
    assert quality.worst == (
        Miss("3", "AB", "", 0),
        Miss("2", "kitten", "sitting", 50),
        Miss("0", "B0B", "BOB", 200 / 3),
    )


def test_confusions_are_counted_the_most_frequent_first() -> None:
    quality = measure(("O0", "00"), ("O", "0"), ("8", "B"), ("B1x", "B1"), ("1", "11"))
    assert quality.confusions == (
        Confusion("O", "0", 2),
        Confusion("", "1", 1),
        Confusion("8", "B", 1),
        Confusion("x", "", 1),
    )


def test_all_confusions_are_told_and_the_worst_pictures_alone() -> None:
    pairs = [(chr(0x4E00 + index), "x") for index in range(100)]
    quality = measure(*pairs, ("0", "O"), ("0", "O"))
    assert len(quality.confusions) == 101
    assert quality.confusions[0] == Confusion("0", "O", 2)
    assert len(quality.worst) == WORST


def test_of_equally_bad_ones_the_longest_is_worst() -> None:
    quality = measure(("A", "B"), ("ABC", ""), ("C", "D"))
    assert [miss.sample for miss in quality.worst] == ["1", "0", "2"]


def test_making_up_more_than_there_is_is_not_worse_than_nothing() -> None:
    quality = measure(("A", "what a mess"), ("", "more"))
    assert value(quality.characters) == 0
    assert [miss.characters for miss in quality.worst] == [0, 0]


def test_the_folding_is_applied_and_stated() -> None:
    pairs = (("Ab-1", "AB1"), ("x", "y"))
    quality = measure(*pairs, folding=Folding(case=True, punctuation=True))
    assert quality.folding == "case, punctuation"
    assert value(quality.exact) == 50
    assert value(quality.characters) == pytest.approx(75)
    assert quality.confusions == (Confusion("X", "Y", 1),)
    assert value(measure(*pairs).characters) == pytest.approx(100 * (1 - 3 / 5))


def test_the_same_characters_encoded_in_two_ways_are_the_same() -> None:
    assert value(measure(("caf\u00e9  1", " cafe\u0301 1\n")).exact) == 100


def test_no_characters_no_character_accuracy() -> None:
    quality = measure(("皖", "皖"), folding=Folding(code=True))
    assert quality.characters is None
    assert value(quality.exact) == 100


def test_nothing_at_all() -> None:
    assert measure_quality([], [], Folding()) == Quality(0, "none")


def test_an_answer_for_each_sample() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measure_quality([Sample("a", b"", "A")], [], Folding())


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(UsageError, match=r"rapidfuzz, which is not installed.*ocrx\[bench\]"):
        measure(("A", "B"))


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_perfect_readings(texts: list[str]) -> None:
    quality = measure(*zip(texts, texts, strict=True))
    assert quality.exact == Interval(100, 100, 100)
    assert quality.characters in (Interval(100, 100, 100), None)
    assert (quality.confusions, quality.worst) == ((), ())


@given(PAIRS)
def test_bounds(pairs: list[tuple[str, str]]) -> None:
    quality = measure(*pairs)
    for interval in (quality.characters, quality.exact):
        if interval is not None:
            assert 0 <= interval.low <= interval.value <= interval.high <= 100


@given(PAIRS)
def test_errors_are_the_same_from_both_sides(pairs: list[tuple[str, str]]) -> None:
    one, other = measure(*pairs), measure(*((read, truth) for truth, read in pairs))
    assert sum(c.count for c in one.confusions) == sum(c.count for c in other.confusions)
    assert value(one.exact) == value(other.exact)


@given(PAIRS)
def test_nothing_read_is_as_bad_as_it_gets(pairs: list[tuple[str, str]]) -> None:
    nothing = measure(*((truth, None) for truth, _ in pairs))
    if nothing.characters is not None:
        assert nothing.characters == Interval(0, 0, 0)


@given(PAIRS, st.randoms())
def test_the_order_of_pictures_does_not_matter(
    pairs: list[tuple[str, str]], random: Random
) -> None:
    one = measure(*pairs)
    random.shuffle(pairs)
    other = measure(*pairs)
    assert (one.characters, one.exact, one.confusions) == (
        other.characters,
        other.exact,
        other.confusions,
    )
