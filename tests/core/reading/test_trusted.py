"""Lines that are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocrx.errors import InputError, UsageError
from ocrx.page.geometry import rectangle
from ocrx.page.lines import line_of
from ocrx.profiles.trust import Trust, load_trust, said, save_trust
from ocrx.reading.reader import Reader
from ocrx.reading.trusted import Judge
from ocrx.types import Line, Match, Page, Text


def read(text: str, score: float, match: Match | None = None) -> Line:
    return line_of(rectangle(90, 20), replace(Text.uniform(text, score), match=match))


def test_what_is_said_is_the_probability_of_the_whole_line() -> None:
    assert said(read("A B", 0.9)) == pytest.approx(0.81)
    assert said(read("AB", 0.9, Match("p", 0.7, "AB"))) == 0.7
    assert said(read("AB", 0.9, Match("p", 0.7, "AB", False))) == 0
    assert said(read("AB", 0.9, Match("", 0.0, "AB"))) == 0


def test_a_line_below_is_refused_and_keeps_what_was_read() -> None:
    page = Page((read("AB", 0.99), read("CD", 0.5)), 90, 20)
    first, second = Judge(Trust(), 0.9).page(page).lines
    assert (first.text, first.refused) == ("AB", "")
    assert (second.text, second.refused, second.chars) == ("", "CD", ())
    assert second.confidence == pytest.approx(0.25)
    assert "'CD' is refused" in Judge(Trust(), 0.9).page(page).notes[0]
    assert Judge(Trust(samples=9), 0.0).page(page).notes == ()


def test_a_higher_temperature_makes_less_sure() -> None:
    assert Trust().confidence(0.9) == pytest.approx(0.9)
    assert 0.5 < Trust(2.0).confidence(0.9) < 0.9
    assert 0 < Trust(0.001).confidence(0) < Trust(0.001).confidence(1) <= 1


def test_calibrations_are_kept_by_what_they_hold_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRX_PROFILE", str(tmp_path / "profile.json"))
    assert load_trust("paddle greedy 1") == Trust()
    path = save_trust("paddle greedy 1", Trust(2.0, -1.0, 50, "mine"))
    save_trust("paddle pattern 1", Trust(3.0))
    assert load_trust("paddle greedy 1") == Trust(2.0, -1.0, 50, "mine")
    path.write_text("[]")
    with pytest.raises(InputError, match="cannot be read"):
        load_trust("paddle greedy 1")


def test_what_cannot_be_a_confidence_is_refused() -> None:
    with pytest.raises(UsageError, match="accept cannot be 2"):
        Reader(accept=2)
