"""Decides whether two groups of lines side by side are lists to read one after the other.

Their entries may stand at the same heights, as the cells of a table do. But they are numbered or in
alphabetical order down one list and on in the next, have bullets, or each ends with its price.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from ocrx.page.boxes import Boxes, Lines

MIN_ENTRIES = 3
"""The fewest entries of a list."""

MAX_TOTALS = 24
"""The most boxes of the totals of an invoice: names and amounts."""

MIN_SORTED = 4
"""The fewest entries that are in order by more than chance."""

MISSED = 2
"""So many entries of numbered lists may lack their number."""

SPARSE = 3
"""Of lists that begin anew, as the clues of a crossword do, at least one number in so many is
there."""

PART = 0.6
"""This part of the lines of a list or more are entries. Others are headings, or go on."""

BULLETED = 0.4
"""This part of the lines of a list with bullets or more have one. Above and below them may be a
name, a price and a button, as in a table of offers."""

OWN = 0.8
"""This part of the names before prices or more differ from each other. The kinds of things in a
table occur again and again."""

IN_ORDER = 0.9
"""This part of the entries or more follow the one before in the alphabet."""

INDENT = 0.7
"""Entries begin at most so many heights further right than the first of their list. What begins
further right goes on with an entry, or is one below it."""

_NUMBER = re.compile(r"[(\[]?(\d{1,3})(?: ?[.):\]] ?|\s+)(?=.*[^\W\d_]{3})")
_STEP = re.compile(r"(\d{1,2})[.)] ?(?=[^\W\d_]{2}.* )")
_BULLET = re.compile(r"[•●▪■◦‣*] ?[^\W_]|[–—-] [^\W\d_]")
_WORD = re.compile(r".*[^\W\d_]{3}")
_PRICE = re.compile(
    r"(?:.*\s|[€$£¥]\s?|)\d{1,3}(?:[.,' ]\d{3})*[.,]\d{2,3}-?(?:\s?[€$£¥])?"
    r"|(?:.*\s)?(?:[€$£¥]\s?\d{1,4}|\d{1,4}\s?[€$£¥])"
)


def are_lists(left: Boxes, right: Boxes, *, whole: bool = True) -> bool:
    """Whether two groups of lines side by side are lists to be read one after the other. If they
    are not `whole`, there may be a header above them that makes a table of names with prices."""
    if min(len(left), len(right)) < MIN_ENTRIES:
        return False
    before, after = left.lines, right.lines
    if min(len(before.y), len(after.y)) < MIN_ENTRIES:
        return False
    first, second = _entries(before, left.typical), _entries(after, right.typical)
    return (
        _are_numbered(first, second)
        or _are_steps(first, second)
        or _are_sorted(first, second)
        or (_have_bullets(before.texts, first) and _have_bullets(after.texts, second))
        or (whole and _is_menu(before) and _is_menu(after) and not _have_header(before, after))
    )


def is_account(boxes: Boxes) -> bool:
    """Whether lines are names with prices, such as the totals of an invoice."""
    return MIN_ENTRIES <= len(boxes) <= MAX_TOTALS and _are_priced(_rows(boxes.lines))


def _entries(lines: Lines, typical: float) -> list[str]:
    """The texts of the lines that begin at the left."""
    begun = lines.x0 <= lines.x0.min() + INDENT * typical
    return [text for text, is_begun in zip(lines.texts, begun.tolist(), strict=True) if is_begun]


def _are_numbered(left: list[str], right: list[str]) -> bool:
    """Whether the numbers of the entries go on from one list to the other, or begin anew at 1."""
    before, after = (
        [int(match[1]) for text in texts if (match := _NUMBER.match(text))]
        for texts in (left, right)
    )
    few = min(len(before), len(after))
    if few < MIN_ENTRIES or not all(
        a < b for numbers in (before, after) for a, b in pairwise(numbers)
    ):
        return False
    if before[-1] < after[0]:
        return after[-1] - before[0] < len(before) + len(after) + MISSED
    both = few >= MIN_SORTED or before == after
    sparse = max(before[-1] / len(before), after[-1] / len(after))
    return both and before[0] == after[0] == 1 and sparse <= SPARSE


def _are_steps(left: list[str], right: list[str]) -> bool:
    """Whether the right list is numbered from 1 on without a gap, and the left one is not, as the
    steps of a recipe beside what goes into it."""
    numbers = [int(match[1]) for text in right if (match := _STEP.match(text))]
    whole = len(numbers) >= MIN_ENTRIES and numbers == [*range(1, len(numbers) + 1)]
    return whole and not any(map(_STEP.match, left))


def _are_sorted(left: list[str], right: list[str]) -> bool:
    """Whether the entries are in alphabetical order, from one list to the other."""
    if min(len(left), len(right)) < MIN_SORTED:
        return False
    words = [text.casefold() for text in (*left, *right)]
    if not all(word[:1].isalpha() for word in words):
        return False
    rising = [a < b for a, b in pairwise(words)]
    whole = rising[len(left) - 1] and max(words[: len(left)]) < min(words[len(left) :])
    return whole and sum(rising) >= IN_ORDER * len(rising)


def _have_bullets(texts: list[str], entries: list[str]) -> bool:
    """Whether most entries, or enough of all lines, have a bullet."""
    marked, begun = (
        sum(_BULLET.match(one) is not None for one in some) for some in (texts, entries)
    )
    enough = begun >= PART * len(entries) or marked >= BULLETED * len(texts)
    return marked >= MIN_ENTRIES and enough


def _is_menu(lines: Lines) -> bool:
    """Whether most lines are names with prices, but for a line below each that tells more of it."""
    rows = _rows(lines)
    below = [False, *map(_is_priced, rows[:-1])]
    names = [row for row, told in zip(rows, below, strict=True) if not told or _is_priced(row)]
    return _are_priced(names)


def _are_priced(rows: list[list[str]]) -> bool:
    """Whether most lines are a name of its own and its price, or several of them."""
    priced = [row for row in rows if _is_priced(row)]
    many = len(priced) >= MIN_ENTRIES and len(priced) >= PART * len(rows)
    return many and len({row[0] for row in priced}) >= OWN * len(priced)


def _have_header(left: Lines, right: Lines) -> bool:
    """Whether there are different names over all columns of two lists, as over those of a table."""
    first, second = _rows(left)[0], _rows(right)[0]
    return (
        first != second and min(len(first), len(second)) > 1 and not any(map(_ends_in_price, first))
    )


def _rows(lines: Lines) -> list[list[str]]:
    edges = pairwise([*lines.starts.tolist(), len(lines.pieces)])
    return [lines.pieces[start:end].tolist() for start, end in edges]


def _is_priced(pieces: list[str]) -> bool:
    if not _ends_in_price(pieces[-1]):
        return False
    named = [_WORD.match(piece) is not None for piece in pieces]
    ended = list(map(_ends_in_price, pieces))
    if len(pieces) == 1:
        return named[0] and ended[0]
    alternate = np.arange(len(pieces)) % 2 == 0
    return len(pieces) % 2 == 0 and named == alternate.tolist() and ended == (~alternate).tolist()


def _ends_in_price(text: str) -> bool:
    return _PRICE.fullmatch(text) is not None
