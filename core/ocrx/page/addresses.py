"""Decides whether two groups of short lines side by side are addresses, or rows of a table.

Both may look the same: a few short lines, at the same heights, flush left. Only their text differs.
A column of a table or form holds things of one kind: names without a digit, or amounts that are
mostly digits. The lines of an address differ among themselves: a name has no number, but a street
or a town has. In doubt they are rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ocrx.page.boxes import Boxes, Floats, Ints
from ocrx.page.strips import GUTTER, Strips

MIN_LINES = 3
"""The fewest lines of an address."""

MAX_LINES = 12
"""The most lines of an address. Longer groups are lists."""

FLUSH = 0.7
"""Two lines begin at the same place if their starts differ by at most this many heights."""

_LABEL = re.compile(r"[^\W\d_][^:：]*[:：](?!\d)")
"""The label before a value in a form, with its colon."""

_AMOUNT = re.compile(r"(?<![.,]\d)\d[.,]\d\d(?!\d|[.,]\d)")
"""An amount of money. An address has none."""

_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?!\d)"
)
"""A date. In a table a column has nothing else or none, beside an address some values are dates."""

_POSTAL = re.compile(
    r"(?<![\d.,])(?:\d{4,6}|\d{3} \d{2}) (?:[A-Z]{2} )?[^\W\d_a-z]"  # 1010 Wien, 110 00 Praha
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2} \d{5}\b"  # W1 6AN, IL 62704
)
"""A postal code and the beginning of its town, or one that tells by itself."""

_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class _Group:
    """The features of a group that tell addresses: the number of rows, and fractions of its lines,
    0 to 1."""

    rows: int
    flush: float
    """The lines that begin at the same place as others."""
    wordy: float
    """The lines that hold a word, and not only a number with its unit or a single sign."""
    numbered: float
    """The lines that hold a digit."""
    labelled: float
    """The lines that begin with a label."""
    headed: bool
    """Whether the first line is a label and nothing else."""
    postal: bool = False
    """Whether a line holds a postal code and a town."""
    aligned: bool = False
    """Whether most lines begin at one place, end at one, or are centred on one."""

    @property
    def mixed(self) -> bool:
        """Whether some lines hold a digit, but not all."""
        return 0 < self.numbered < 1

    @property
    def plausible(self) -> bool:
        """Whether the group may be an address at all."""
        return self.short and self.flush >= 0.7

    @property
    def short(self) -> bool:
        """Whether the group has as few lines as an address, and most hold words."""
        return MIN_LINES <= self.rows <= MAX_LINES and self.wordy >= 0.6


def are_addresses(left: Boxes, right: Boxes) -> bool:
    """Whether two groups of lines side by side are to be read one after the other.

    They are if both are addresses or have headings, or if the first is an address and the second
    holds labelled values, such as the number and date of a letter. Beside an address with a postal
    code may be anything in words, also flush right or centred, as a sender's name is.
    """
    if min(len(left), len(right)) < MIN_LINES:
        return False
    before = _group(left)
    if not before.plausible or before.labelled > 0.5:
        return False
    if any(_AMOUNT.search(text) for text in (*left.texts, *right.texts)):
        return False
    after = _group(right)
    if before.mixed and (before.postal or (after.postal and after.mixed)):
        return after.short and after.aligned
    both = (before.headed and after.headed) or (
        before.mixed and (after.mixed or after.labelled > 0.5)
    )
    return after.plausible and both


def _group(boxes: Boxes) -> _Group:
    rows = _rows(boxes)
    if not MIN_LINES <= rows[-1] + 1 <= MAX_LINES or _has_empty_cells(boxes, rows):
        return _Group(0, 0.0, 0.0, 0.0, 0.0, False)
    paired = _are_pairs(boxes, rows)
    starts, ends, texts = _lines(boxes, rows, paired=paired)
    reach = FLUSH * boxes.typical
    flush = _alike(starts, reach)
    heading = _LABEL.fullmatch(texts[0]) is not None
    rest = texts[1:] if heading else texts
    numbered = [_has_digit(text) for text in rest]
    labelled = [_LABEL.match(text) is not None for text in rest]
    return _Group(
        int(rows[-1]) + 1,
        flush,
        sum(map(_is_wordy, texts)) / len(texts),
        sum(numbered) / max(len(rest), 1),
        1.0 if paired else sum(labelled) / max(len(rest), 1),
        heading,
        any(_POSTAL.search(text) for text in texts),
        max(flush, _alike(ends, reach), _alike((starts + ends) / 2, reach)) >= 0.7,
    )


def _alike(places: Floats, reach: float) -> float:
    """The fraction of places within reach of which there are MIN_LINES of them."""
    ordered = np.sort(places)
    beside = np.searchsorted(ordered, places + reach, "right")
    beside -= np.searchsorted(ordered, places - reach)
    return int(np.count_nonzero(beside >= MIN_LINES)) / len(places)


def _has_empty_cells(boxes: Boxes, rows: Ints) -> bool:
    """Whether one of several columns has nothing in a row between others, as in a table. `rows` are
    those of the boxes sorted by their middles."""
    order = np.argsort(boxes.y, kind="stable")
    strips = Strips.of(boxes.x0[order], boxes.x1[order], GUTTER * boxes.typical)
    held = [np.unique(rows[strips.number == strip]) for strip in range(len(strips.widths))]
    return any(one[-1] - one[0] >= len(one) for one in held)


def _are_pairs(boxes: Boxes, rows: Ints) -> bool:
    """Whether each row is a name without a digit and its value, and some values are dates, as in
    the particulars of an invoice. `rows` are those of the boxes sorted by their middles."""
    if (np.bincount(rows) != 2).any():
        return False
    order = np.argsort(boxes.y, kind="stable")
    texts = boxes.texts[order[np.lexsort((boxes.x0[order], rows))]].tolist()
    dates = [_DATE.search(value) is not None for value in texts[1::2]]
    return any(dates) and not all(dates) and not any(map(_has_digit, texts[::2]))


def _rows(boxes: Boxes) -> Ints:
    """The row of each box, counted from the top, of the boxes sorted by their middles."""
    y = np.sort(boxes.y)
    return np.append(0, np.cumsum(y[1:] - y[:-1] > boxes.typical / 2))


def _lines(boxes: Boxes, rows: Ints, *, paired: bool) -> tuple[Floats, Floats, list[str]]:
    """The start, the end and the text of each line, from top to bottom. A box that follows a label
    in its row, or any if boxes are `paired`, belongs to the same line."""
    order = np.argsort(boxes.y, kind="stable")
    starts: list[float] = []
    ends: list[float] = []
    texts: list[str] = []
    last = -1
    for place in np.lexsort((boxes.x0[order], rows)).tolist():
        box, row = order[place], int(rows[place])
        if row == last and (paired or _LABEL.fullmatch(texts[-1])):
            texts[-1] += f" {boxes.texts[box]}"
            ends[-1] = float(boxes.x1[box])
        else:
            starts.append(float(boxes.x0[box]))
            ends.append(float(boxes.x1[box]))
            texts.append(str(boxes.texts[box]))
        last = row
    return np.array(starts), np.array(ends), texts


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _is_wordy(text: str) -> bool:
    if _has_digit(text):
        return _WORD.search(text) is not None
    return sum(map(str.isalpha, text)) > 1
