"""Visual and logical order. In these examples capitals stand for letters that run leftwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.page.bidi import in_direction_of_page, is_right_to_left, reordered, to_logical
from ocrx.types import Span, Text

HEBREW = {chr(ord("A") + i): chr(0x5D0 + i) for i in range(26)}
ARABIC = {chr(ord("A") + i): chr(0x627 + i) for i in range(20)} | {"0": "٠", "1": "١", "2": "٢"}


def written(text: str, script: dict[str, str]) -> str:
    return "".join(script.get(char, char) for char in text)


EXAMPLES = [
    ("CBA", "ABC"),
    ("FED CBA", "ABC DEF"),
    ("CBA 123", "123 ABC"),
    ("123 CBA", "ABC 123"),
    ("DC 12.5 BA", "AB 12.5 CD"),
    ("DC 12:30 BA", "AB 12:30 CD"),
    ("DC 12/01/2024 BA", "AB 12/01/2024 CD"),
    ("DC 21 10 BA", "AB 10 21 CD"),  # two numbers, not one
    ("DC abc BA", "AB abc CD"),
    ("GFEDC abc def BA", "AB abc def CDEFG"),
    ("DC abc-12 BA", "AB abc-12 CD"),
    ("(abc) CBA", "ABC (abc)"),
    ("(DC) BA", "AB (CD)"),
    (")BA", "AB("),
    (".CBA", "ABC."),
    ("!CBA", "ABC!"),
    ("abc: CBA xyz", "abc: ABC xyz"),
    ("abcdef (CBA) xyz", "abcdef (ABC) xyz"),
    ("abcdefgh DC 12 BA xyz", "abcdefgh AB 12 CD xyz"),
    ("name@mail.com :BA", "AB: name@mail.com"),
    (".https://site.com/a DC BA", "AB CD https://site.com/a."),
    ("BA www.site.com", "www.site.com AB"),
    ("a_b@c.com / d@c.com :BA", "AB: a_b@c.com / d@c.com"),
    ("abc def@site.com BA", "abc def@site.com AB"),
    ("abc 12", "abc 12"),
    ("12 (34)", "12 (34)"),
    ("", ""),
]


@pytest.mark.parametrize("script", [HEBREW, ARABIC])
@pytest.mark.parametrize(("visual", "logical"), EXAMPLES)
def test_from_paper_to_text_and_back(visual: str, logical: str, script: dict[str, str]) -> None:
    visual, logical = written(visual, script), written(logical, script)
    assert reordered(visual)[1] == logical
    assert reordered(logical)[1] == visual


@pytest.mark.parametrize(
    ("text", "hebrew", "arabic"),
    [
        ("AB 50% CD", "DC 50% BA", "DC %50 BA"),
        ("AB $120 CD", "DC $120 BA", "DC 120$ BA"),
        ("AB 2024-01-02", "2024-01-02 BA", "02-01-2024 BA"),
        ("AB 03-123.5 CD", "DC 03-123.5 BA", "DC 123.5-03 BA"),
        ("50% AB", "BA 50%", "BA 50%"),
        ("AB 12-34", "12-34 BA", "34-12 BA"),
    ],
)
def test_signs_beside_a_number_go_with_it_only_after_hebrew(
    text: str, hebrew: str, arabic: str
) -> None:
    letters = {char: letter for char, letter in ARABIC.items() if char.isalpha()}
    for visual, script in ((hebrew, HEBREW), (arabic, letters)):
        assert reordered(written(visual, script))[1] == written(text, script)


def test_marks_follow_their_letter() -> None:
    visual = "ب\u064eا"[::-1]
    assert reordered(visual)[1] == "ب\u064eا"


mixed = st.text(st.sampled_from("ab12.,:%$ ()-אבגدذ٣٤"), max_size=30)
plain = st.sampled_from(["12.:", "٣٤.:"]).flatmap(
    lambda digits: st.text(st.sampled_from(f"ab ()אבגدذ{digits}"), max_size=30)
)
"""Without signs that belong to the number on one side of them."""


@given(mixed)
def test_every_character_is_there_once(text: str) -> None:
    order, _ = reordered(text)
    assert sorted(order) == list(range(len(text)))


@given(plain.filter(lambda text: is_right_to_left([text])))
def test_twice_changes_nothing(text: str) -> None:
    assert reordered(reordered(text)[1])[1] == text


def test_what_belongs_to_a_character_goes_with_it() -> None:
    spans = ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0))
    found = to_logical(Text(tuple("7 בא"), (0.7, 0.8, 0.2, 0.1), spans))
    assert found.chars == tuple("אב 7")
    assert found.scores == (0.1, 0.2, 0.8, 0.7)
    assert found.spans == (spans[3], spans[2], spans[1], spans[0])


def test_a_class_of_several_code_points_stays_whole() -> None:
    found = to_logical(Text.uniform("בא", 1.0))
    assert found.text == "אב"
    pair = Text(("ל\u05bc", "ש\u05c1"), (1.0, 1.0), ((0.0, 0.5), (0.5, 1.0)))
    assert to_logical(pair).chars == ("ש\u05c1", "ל\u05bc")


def placed(text: Text) -> set[tuple[str, Span]]:
    """Letters and digits with their places on paper."""
    return {pair for pair in zip(text.chars, text.spans, strict=True) if pair[0].isalnum()}


@pytest.mark.parametrize(
    ("visual", "alone", "logical"),
    [
        ("long words 10 CBA", "long words 10 ABC", "ABC long words 10"),
        ("(CBA) long words", "(ABC) long words", "long words (ABC)"),
        ("abcdef (CBA) xyz", "abcdef (ABC) xyz", "xyz (ABC) abcdef"),
        ("long words (12)", "long words (12)", "long words (12)"),
    ],
)
def test_a_mixed_line_runs_as_its_page_does(visual: str, alone: str, logical: str) -> None:
    line = to_logical(Text.uniform(written(visual, HEBREW), 1.0))
    assert line.text == written(alone, HEBREW)
    page = [to_logical(Text.uniform(written("GFEDCBA", HEBREW) * 9, 1.0)), line]
    found = in_direction_of_page(page)[1]
    assert found.text == written(logical, HEBREW)
    assert placed(found) == placed(line)
    assert in_direction_of_page([line]) == [line]


def test_a_line_put_in_order_by_other_rules_is_left_alone() -> None:
    page = [Text.uniform(written(line, HEBREW), 1.0) for line in ("ABCDEFGHIJKL", "ABC long words")]
    assert in_direction_of_page(page) == page


def test_a_text_from_left_to_right_is_left_alone() -> None:
    text = Text.uniform("plain (text)", 1.0)
    assert to_logical(text) is text


@pytest.mark.parametrize(
    ("texts", "leftwards"),
    [([], False), (["12"], False), (["abc"], False), (["אב", "12"], True), (["אב", "abc"], False)],
)
def test_the_direction_of_most_letters_counts(texts: list[str], leftwards: bool) -> None:
    assert is_right_to_left(texts) == leftwards
