"""Regular expressions: what is refused, and where."""

from __future__ import annotations

from math import inf

import pytest

from ocrx.errors import UsageError
from ocrx.patterns.expressions import limited, longest, parse


@pytest.mark.parametrize(
    ("pattern", "column", "what"),
    [
        ("AB[C-", 3, "class is not closed"),
        ("A(B|C", 2, "group is not closed"),
        ("AB)", 3, "closes no group"),
        ("[z-a]", 2, "range goes nowhere"),
        ("A{3,1}", 2, "repetition goes nowhere"),
        ("A{3", 2, "not a repetition"),
        ("?A", 1, "stands alone"),
        ("A{2}{3}", 5, "repeats a repetition"),
        (r"AB\q", 3, r"\q is not known"),
        ("AB\\", 3, "nothing follows"),
        ("(?=A)", 3, "only groups"),
        ("A^B", 2, "not at an end"),
        ("A\tB", 2, "cannot be seen"),
        (r"[^\d\D]", 1, "admits no character"),
    ],
)
def test_a_bad_pattern_is_an_error_that_says_where(pattern: str, column: int, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(pattern)
    assert f"wrong at column {column}: " in caught.value.message
    assert what in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "column"), [("A{3,}", 2), (r"\d+", 3), ("A*", 2), ("B(C|D+)?", 6)]
)
def test_an_endless_pattern_is_refused_where_it_must_end(pattern: str, column: int) -> None:
    assert longest(parse(pattern)) == inf
    with pytest.raises(UsageError, match=f"column {column}: this repetition has no upper limit"):
        limited(pattern, 64)


def test_a_pattern_for_texts_that_are_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="texts of 65 characters"):
        limited(r"\d{65}", 64)


def test_a_pattern_without_a_character_is_refused() -> None:
    with pytest.raises(UsageError, match="admits no character"):
        parse("A{0}")
