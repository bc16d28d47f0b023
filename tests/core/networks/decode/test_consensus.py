"""The reading on which several views agree."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.interfaces.decoding import Emissions
from ocrx.networks.decode.consensus import Seen, compact, consensus
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.testing.decoders import CHARSET, spelled
from ocrx.types import Match, Text


def seen(text: str, probability: float = 0.9, *, match: Match | None = None) -> Seen:
    emissions = Emissions(spelled(text, probability)[None], CHARSET, [1.0])
    read = ctc_greedy(emissions)[0]
    return Seen([Text(read.chars, read.scores, read.spans, match)], compact(emissions, 0))


def test_most_views_outvote_one_that_is_surer() -> None:
    index, text = consensus([seen("A80", 0.999), seen("AB0", 0.7), seen("AB0", 0.8)])
    assert (index, text.text) == (2, "AB0")
    assert text.scores == pytest.approx([0.8] * 3)


def test_a_view_that_lost_a_character_does_not_decide() -> None:
    assert consensus([seen("AB1"), seen("B1", 0.99), seen("AB1")])[1].text == "AB1"


def test_what_matches_a_pattern_goes_before_what_does_not() -> None:
    none, found = Match("", 0.0, "AB"), Match("p", 0.3, "A8")
    index, text = consensus(
        [seen("AB", match=none), seen("A8", match=found), seen("AB", match=none)]
    )
    assert (index, text.text) == (1, "A8")
    assert text.match is not None
    assert text.match.probability == 1.0  # no other candidate matches


def test_check_digits_that_hold_decide() -> None:
    wrong, right = Match("p", 0.9, "A8", False), Match("p", 0.3, "AB", True)
    views = [seen("A8", match=wrong), seen("A8", match=wrong), seen("AB", match=right)]
    assert consensus(views)[1].text == "AB"


def test_probabilities_are_those_of_all_views_together() -> None:
    match = Match("p", 0.9, "")
    _, text = consensus([seen("AB", match=match), seen("AB", match=match), seen("A8", match=match)])
    assert text.match is not None
    assert 0.5 < text.match.probability < 1


def test_one_view_is_itself() -> None:
    view = seen("LOT 7")
    assert consensus([view]) == (0, view.candidates[0])


def test_what_is_left_out_is_improbable_everywhere() -> None:
    values = spelled("AB", 0.9999)
    small = compact(Emissions(np.log(values)[None], CHARSET, [0.5], log=True), 0)
    assert [*small.charset] == ["A", "B"]
    assert small.fractions == [0.5]
    assert small.values.max() == pytest.approx(0.9999)
