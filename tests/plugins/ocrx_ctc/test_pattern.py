"""Reading under patterns against every path there is."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.errors import PluginError, UnknownOption, UsageError
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.patterns import Pattern
from ocrx.patterns.automaton import automaton
from ocrx.patterns.expressions import parse
from ocrx.patterns.named import NAMED
from ocrx.plugins.options import make_options
from ocrx.testing.decoders import DecoderContract, spelled
from ocrx.types import Text
from ocrx_ctc import search
from ocrx_ctc.lattice import Lattice
from ocrx_ctc.pattern import PatternDecoder
from ocrx_ctc.patterns import Patterns
from ocrx_ctc.search import best_texts
from ocrx_ctc.settings import PatternOptions

ABC = ("a", "b", "c")
Steps = NDArray[np.float64]


def reader(*expressions: str | Pattern, charset: str = "", **options: float) -> PatternDecoder:
    """A decoder for these patterns."""
    made = [one if isinstance(one, Pattern) else Pattern(one) for one in expressions]
    chosen = PatternOptions(patterns="x", charset=charset, **options)  # type: ignore[arg-type]
    return PatternDecoder(Patterns({one.expression: one for one in made}, charset), chosen)


class TestPatternDecoder(DecoderContract):
    """The contract of decoders."""

    def make(self) -> PatternDecoder:
        return reader(".*")


class TestShortPattern(DecoderContract):
    """The contract, with lines that do not match."""

    def make(self) -> PatternDecoder:
        return reader(r"[A-Z]\d{3,4}[A-Z]{1,2}", least=0.0)

    def text(self) -> str:
        return "B1100KK"


@st.composite
def lattices(draw: st.DrawFn) -> Steps:
    """Distributions over 4 classes at up to 4 steps."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps, sharpness = draw(st.integers(1, 4)), draw(st.sampled_from([0.1, 0.3, 1.0, 5.0]))
    return random.dirichlet(np.full(len(ABC) + 1, sharpness), steps)


def matching(steps: Steps, pattern: str) -> dict[str, float]:
    """All texts that match, and their probabilities: the sums over their paths."""
    totals: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(steps.shape[1]), repeat=len(steps)):
        text = "".join(ABC[one - 1] for one, _ in itertools.groupby(path) if one)
        if re.fullmatch(pattern, text):
            totals[text] += float(np.prod(steps[np.arange(len(steps)), path]))
    return totals


EXPRESSIONS = ["[ab]{1,2}", "a+b?", "(ab|ba|cc)*", "[^c]*c", "aab|abb|b", "..?", "a(b|c){2}"]


@settings(max_examples=20)
@given(lattices(), st.sampled_from(EXPRESSIONS))
def test_texts_come_in_the_order_of_their_probabilities(steps: Steps, pattern: str) -> None:
    lattice = Lattice.of(automaton(parse(pattern), ABC), ABC)
    cut = lattice.steps(Emissions(steps[None], ABC, [1.0]))
    after, total = lattice.backward(cut)
    shares = np.zeros((len(steps), 1 + len(ABC)))
    shares[:, [0, *lattice.classes]] = cut.shares[0]
    expected = matching(shares, pattern)
    assert total[0] == pytest.approx(sum(expected.values()), rel=1e-9, abs=1e-14)
    found = [
        ("".join(lattice.chars[place] for place in places), probability)
        for places, probability in best_texts(lattice, cut.shares[0], after[:, 0])
    ]
    assert [p for _, p in found] == pytest.approx(
        sorted(expected.values(), reverse=True)[: len(found)], rel=1e-6, abs=1e-14
    )
    assert all(p == pytest.approx(expected[text], rel=1e-6, abs=1e-14) for text, p in found)
    assert sum(expected.values()) - sum(p for _, p in found) <= 1e-9 * sum(expected.values())


@settings(max_examples=20)
@given(lattices(), st.sampled_from(EXPRESSIONS))
def test_the_most_probable_text_is_read_and_its_share_told(steps: Steps, pattern: str) -> None:
    expected = matching(np.maximum(steps, 1e-12), pattern)
    [text] = reader(pattern, least=0.0).decode(Emissions(steps[None], ABC, [1.0]))
    assert text.match is not None
    if max(expected.values(), default=0.0) < 1e-4:
        return  # the floor of the steps may decide between texts that are all but impossible
    assert expected[text.text] == pytest.approx(max(expected.values()), rel=1e-5)
    share = expected[text.text] / sum(expected.values())
    assert text.match.probability == pytest.approx(share, rel=1e-3)
    assert text.match.pattern == pattern


def decoded(decoder: PatternDecoder, text: str, probability: float = 0.9) -> Text:
    [read] = decoder.decode(Emissions(spelled(text, probability)[None], CHARSET, [1.0]))
    return read


CHARSET = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -.")


def test_the_pattern_decides_between_look_alikes() -> None:
    steps = spelled("AO0", 0.9)
    steps[4, [1 + CHARSET.index("O"), 1 + CHARSET.index("0")]] = 0.7, 0.25
    [read] = reader(r"[A-Z]\d\d").decode(Emissions(steps[None], CHARSET, [1.0]))
    assert read.text == "A00"
    assert read.match is not None
    assert read.match.unconstrained == "AO0"
    assert read.match.probability > 0.8
    assert read.scores[1] == pytest.approx(0.25)


def test_white_space_that_no_pattern_admits_counts_as_blank() -> None:
    assert decoded(reader(r"[A-Z]{2}\d"), "A B 1").text == "AB1"
    assert decoded(reader(r"[A-Z]{2} \d"), "AB 1").text == "AB 1"


def test_a_picture_of_something_else_is_read_without_patterns() -> None:
    read = decoded(reader(r"\d{3}", "[A-F]{2}"), "HELLO")
    assert read.text == "HELLO"
    assert read.match is not None
    assert (read.match.pattern, read.match.probability, read.match.holds) == ("", 0.0, False)


def test_too_few_steps_for_the_shortest_text_match_nothing() -> None:
    steps = spelled("A")
    [read] = reader("[A-Z]{9}").decode(Emissions(steps[None], CHARSET, [1.0]))
    assert read.match is not None
    assert not read.match.pattern


def test_a_charset_alone_will_do() -> None:
    steps = spelled("A0", 0.9)
    steps[4, [1 + CHARSET.index("0"), 1 + CHARSET.index("O")]] = 0.6, 0.3
    decoder = reader("[A-Z]*", charset="A-Z")
    [read] = decoder.decode(Emissions(steps[None], CHARSET, [1.0]))
    assert read.text == "AO"


def test_texts_are_tried_until_check_digits_hold() -> None:
    ean = "4006381333931"
    steps = spelled(ean, 0.9)
    wrong = "8" + ean[1:]
    steps[1, [1 + int(wrong[0]), 1 + int(ean[0])]] = 0.6, 0.3
    [read] = reader(NAMED["ean13"]).decode(Emissions(steps[None], CHARSET, [1.0]))
    assert read.text == ean
    assert read.match is not None
    assert read.match.check is True
    assert read.match.unconstrained == wrong
    [read] = reader(NAMED["ean13"], tries=1).decode(Emissions(steps[None], CHARSET, [1.0]))
    assert (read.text, read.match and read.match.check) == (wrong, False)


def test_of_several_patterns_the_one_that_matches_is_named() -> None:
    decoder = reader(NAMED["imei"], NAMED["plate-ar"])
    plate, imei = decoded(decoder, "AB123CD"), decoded(decoder, "490154203237518")
    assert plate.match is not None
    assert imei.match is not None
    assert plate.match.pattern == NAMED["plate-ar"].expression
    assert (imei.match.pattern, imei.match.check) == (NAMED["imei"].expression, True)


def test_alternatives_come_if_they_are_asked_for() -> None:
    steps = spelled("AO", 0.9)
    steps[4, [1 + CHARSET.index("O"), 1 + CHARSET.index("Q")]] = 0.6, 0.3
    [read] = reader("[A-Z]{2}", alternatives=1).decode(Emissions(steps[None], CHARSET, [1.0]))
    assert read.match is not None
    assert [text for text, _ in read.match.alternatives] == ["AQ"]


def test_where_nothing_is_likely_some_text_comes_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PATIENCE", 5)
    lattice = Lattice.of(automaton(parse("[A-Z0-9]{4}"), CHARSET), CHARSET)
    flat = np.full((1, 9, len(CHARSET) + 1), 1 / (len(CHARSET) + 1))
    cut = lattice.steps(Emissions(flat, CHARSET, [1.0]))
    after, _ = lattice.backward(cut)
    [(places, _)] = islice(best_texts(lattice, cut.shares[0], after[:, 0]), 9)
    assert len(places) == 4


def test_a_lattice_of_many_characters_is_cut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocrx_ctc.pattern.MANY", 10)
    assert decoded(reader(r".{2}\d{3}.*"), "AB123", 0.99995).text == "AB123"


@pytest.mark.parametrize(
    ("pattern", "charset", "what"),
    [
        ("Ä[a-c]", "", "does not know: abcÄ"),
        (r"\w", "", "does not know"),
        ("A1", "A-Z", "admits no text"),
    ],
)
def test_what_the_recogniser_cannot_write_is_an_error(
    pattern: str, charset: str, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        reader(pattern, charset=charset).prepare(CHARSET)
    reader(r"\w", charset="A-Z").prepare(CHARSET)


def test_a_check_that_fails_to_run_is_told() -> None:
    with pytest.raises(PluginError, match="check of the pattern"):
        decoded(reader(Pattern("[A-Z]+", lambda text: bool(int(text)))), "AB")


@pytest.mark.parametrize(
    "options", [{}, {"patterns": "A", "tries": 0}, {"charset": "A", "least": 1}]
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UnknownOption):
        make_options(PatternOptions, options, "decoder pattern")
