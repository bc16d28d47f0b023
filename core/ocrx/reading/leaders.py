"""The stage that takes back the dots that lead from an entry to its number.

In a table of contents or a menu a row of dots joins a name and its page or price. Detectors leave
it out, but for a few dots at its ends, or join all of it in one box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.boxes import Mask
from ocrx.page.geometry import quad_size, span_quad
from ocrx.page.ink import ink
from ocrx.page.texts import cut
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text

DOTS = ".…‥·•-,_ \u3000"
"""What recognisers take dots for."""

NUMBER = re.compile(r"[^\w\s]{0,2}\s?\d|(?:[ivxlc]+|[IVXLC]+)$")
"""What dots lead to."""

SAME_ROW = 0.3
"""An entry and its number are in one row if their middles differ by at most so many heights."""

THIN = 0.3
"""The ink of a row of dots is at most so many heights high."""

LONG = 2.0
"""A row of dots is at least so many heights long."""

GAP = 1.0
END_GAP = 2.0
"""Its dots are at most so many heights apart, and at most END_GAP from what they join."""

KINDS = 3
FEW = 3
"""So many things before a number are tried as its entry. Those in between were read in the
dots, as at most KINDS different characters."""

LED = re.compile(f"[{re.escape(DOTS)}]+")
"""What may be a row of dots in the middle of a line."""


def forget_leaders(works: Sequence[Work]) -> None:
    """Take the dots between entries and their numbers out of the texts of both, or of the line that
    holds both."""
    for work in works:
        if work.layout != "page":
            continue
        lines = [one for one in work.candidates if one.text.chars and one.text.match is None]
        numbers = [one for one in lines if NUMBER.match(one.text.text.lstrip(DOTS))]
        dotted = any(_may_be_dots(one.text.text) or _has_dots(one.text.text) for one in lines)
        led = [(one, place) for one in lines if (place := _led(one)) is not None]
        if not (led or (numbers and dotted)):
            continue
        grey = np.asarray(cv2.cvtColor(work.image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        for one, place in led:
            _forget_within(grey, one, place)
        gone: set[int] = set()
        for number, before in zip(numbers, _before(numbers, lines), strict=True):
            gone.update(map(id, _part(grey, number, before)))
        work.candidates = [one for one in work.candidates if id(one) not in gone]


def _led(line: Candidate) -> tuple[int, int] | None:
    """Where in a line the characters begin and end that may be dots before a number."""
    width, high = quad_size(line.quad)
    text, spans = line.text.text, line.text.spans
    if width < 2 * LONG * high:
        return None
    for found in LED.finditer(text):
        start, end = found.span()
        if start == 0 or found[0].isspace() or not NUMBER.match(text[end:]):
            continue
        if width * (spans[end][0] - spans[start - 1][1]) >= LONG * high:
            return start, end
    return None


def _forget_within(grey: NDArray[np.uint8], line: Candidate, place: tuple[int, int]) -> None:
    """Take the dots at that place out of a line, if they are a row of dots. A space remains."""
    (start, end), whole = place, line.text
    entry, number = cut(whole, 0, start), cut(whole, end, len(whole.chars))
    if _are_led(grey, replace(line, text=entry), replace(line, text=number)):
        line.text = Text(
            (*entry.chars, " ", *number.chars),
            (*entry.scores, min(whole.scores[start:end]), *number.scores),
            (*entry.spans, (entry.spans[-1][1], number.spans[0][0]), *number.spans),
        )


def _before(numbers: Sequence[Candidate], lines: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """For each number, the FEW lines before it in its row, the nearest first."""
    lefts = np.array([one.quad[:, 0].min() for one in lines])
    middles = np.array([one.quad[:, 1].mean() for one in lines])
    for number in numbers:
        off = np.abs(middles - number.quad[:, 1].mean())
        in_row = off <= SAME_ROW * quad_size(number.quad)[1]
        places = np.flatnonzero(in_row & (lefts < number.quad[:, 0].min()))
        yield [lines[place] for place in places[np.argsort(-lefts[places])][:FEW].tolist()]


def _part(
    grey: NDArray[np.uint8], number: Candidate, before: Sequence[Candidate]
) -> Sequence[Candidate]:
    """Take the dots out of a number and of its entry, if that is one of the lines before it.
    Returns the lines that were read in the dots themselves."""
    digits = number.text
    rest = digits.text.lstrip(DOTS)
    for count, entry in enumerate(before):
        begun = entry.text.text.rstrip(DOTS)
        dotted = (begun, rest) != (entry.text.text, digits.text)
        if (dotted or count) and _are_led(grey, entry, number):
            entry.text = cut(entry.text, 0, len(begun))
            number.text = cut(digits, len(digits.text) - len(rest), len(digits.chars))
            return before[:count]
        if not _may_be_dots(entry.text.text):
            break
    return ()


def _has_dots(text: str) -> bool:
    """Whether a text begins or ends with what may be dots."""
    return text != text.strip(DOTS)


def _may_be_dots(text: str) -> bool:
    """Whether a text has so few different characters as recognisers see in a row of dots."""
    return len(set(text)) <= KINDS and not any(map(str.isdigit, text))


def _are_led(grey: NDArray[np.uint8], entry: Candidate, number: Candidate) -> bool:
    """Whether there is nothing but a row of dots between an entry and its number."""
    chars, digits = entry.text.text.rstrip(DOTS), number.text.text
    if not any(map(str.isalnum, chars)):
        return False
    high, y = quad_size(number.quad)[1], float(number.quad[:, 1].mean())
    first = len(digits) - len(digits.lstrip(DOTS))
    start = span_quad(entry.quad, entry.text.spans[len(chars) - 1])[:, 0].max()
    end = span_quad(number.quad, number.text.spans[first])[:, 0].min()
    if end - start < LONG * high:
        return False
    # the places of characters are not exact, least of all in the middle of a line
    margin = high / (2 if entry.view is number.view else 4)
    dots = ink(grey, (y, high), (start + margin, end - margin))
    steps = np.diff(np.flatnonzero(dots.any(axis=0)), prepend=-1, append=dots.shape[1])
    wide = max(high, quad_size(entry.quad)[1])  # a number of small letters is low
    far = steps.max() > END_GAP * wide or steps[1:-1].max(initial=0) > GAP * wide
    if far or not _is_thin(dots, high) or (steps > 1).sum() <= LONG:
        return False
    # what was read in the dots themselves is no entry
    return not _is_thin(ink(grey, (y, high), (entry.quad[:, 0].min(), start)), high)


def _is_thin(dots: Mask, high: float) -> bool:
    rows = np.flatnonzero(dots.any(axis=1))
    return len(rows) > 0 and bool(rows[-1] - rows[0] < THIN * high)
