"""Reading under patterns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.errors import UsageError
from ocrx.reading.patterns import told_of, under_patterns
from ocrx.types import Match, Text


def test_patterns_choose_their_decoder_and_become_its_options() -> None:
    options = {"decoder.pattern": {"tries": 3}, "detector": {"x": 1}}
    decoder, made = under_patterns(["ean8", "A+"], "A-Z0-9", None, options)
    assert decoder == "pattern"
    assert made["decoder.pattern"] == {"patterns": "ean8\nA+", "charset": "A-Z0-9", "tries": 3}
    assert made["detector"] == {"x": 1}
    assert under_patterns((), "", "beam", options) == ("beam", options)


@pytest.mark.parametrize(
    ("patterns", "decoder"), [("ean8", None), (["ean8"], "beam"), ([""], None), (["A\nB"], None)]
)
def test_patterns_that_make_no_sense_are_refused(patterns: list[str], decoder: str | None) -> None:
    with pytest.raises(UsageError):
        under_patterns(patterns, "", decoder, {})


def read(text: str, pattern: str, check: bool | None = None) -> Text:
    return replace(Text.uniform(text, 0.9), match=Match(pattern, 0.5, text, check))


def test_what_does_not_match_and_what_does_not_check_is_noted() -> None:
    texts = [read("ABC", ""), read("12", "luhn", False), read("18", "luhn", True), Text()]
    assert list(told_of(texts)) == [
        "'ABC' matches no pattern and is read without",
        "the check digits of '12' do not hold",
    ]


def test_many_lines_that_do_not_match_are_noted_together() -> None:
    assert list(told_of([read("ABC", "")] * 9)) == ["9 lines match no pattern and are read without"]
