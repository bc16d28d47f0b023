"""The stage that reads the checkboxes of a form: see `ocrx.page.checkboxes`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrx.page.checkboxes import Checkbox, find_checkboxes
from ocrx.page.geometry import crop
from ocrx.page.texts import cut
from ocrx.page.views import View
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import is_east_asian, is_word
from ocrx.types import Span, Text

BOXES = frozenset("口囗回因田国区冈凶四日目")
"""Chinese characters for which recognisers take checkboxes. They do not make a page Chinese."""

LETTERS = frozenset("O0D")
"""What is square in some fonts. Within a word it is no checkbox."""


def read_checkboxes(works: Sequence[Work]) -> None:
    """Write the checkboxes before lines and within them, in place of what was read there."""
    for work in works:
        texts = [_without_boxes(one.text) for one in work.candidates]
        if work.layout != "page" or is_east_asian(texts):
            continue
        lines = [one for one in work.candidates if _is_plain(one)]
        for box in find_checkboxes(work.image, [line.quad for line in lines]):
            _write(work, box, lines)


def _without_boxes(text: Text) -> Text:
    chars = tuple("" if char in BOXES else char for char in text.chars)
    return replace(text, chars=chars)


def _is_plain(one: Candidate) -> bool:
    """Whether it is a level line of words, read under no pattern."""
    return is_word(one.text) and one.is_level and one.text.match is None


def _write(work: Work, box: Checkbox, lines: Sequence[Candidate]) -> None:
    """Write a checkbox as a line of its own, or within the line that goes on on both sides."""
    (left, top), (right, bottom) = box.quad[0].tolist(), box.quad[2].tolist()
    kept = []
    for one in work.candidates:
        x, y = one.quad.mean(axis=0)
        lone = len(one.text.text.strip()) <= 1
        if not (lone and left <= x <= right and top <= y <= bottom):
            kept.append(one)
    work.candidates = kept
    for line in lines:
        (x0, y0), (x1, y1) = line.quad.min(axis=0).tolist(), line.quad.max(axis=0).tolist()
        if y0 < (top + bottom) / 2 < y1 and x0 < right and left < x1:
            place = (left - x0) / (x1 - x0), (right - x0) / (x1 - x0)
            if _is_letter(line.text, place) or _write_within(line, box.sign, place):
                return
    view = View(box.quad, crop(work.image, box.quad))
    work.candidates.append(Candidate(view, 0.0, text=Text((box.sign,), (1.0,), ((0.0, 1.0),))))


def _is_letter(text: Text, place: Span) -> bool:
    """Whether a square in that place is an O within a word."""
    inside = [i for i, span in enumerate(text.spans) if place[0] <= sum(span) / 2 <= place[1]]
    if len(inside) != 1 or not 0 < inside[0] < len(text.chars) - 1:
        return False
    beside = text.chars[inside[0] - 1], text.chars[inside[0] + 1]
    return text.chars[inside[0]] in LETTERS and not any(map(str.isspace, beside))


def _write_within(line: Candidate, sign: str, place: Span) -> bool:
    """Take what was read in that place out of a line, and write the sign there if there are
    characters on both sides. Returns whether it was written."""
    text, (start, end) = line.text, place
    middles = [sum(span) / 2 for span in text.spans]
    count = len(middles)
    before = cut(text, 0, sum(middle < start for middle in middles))
    after = cut(text, count - sum(middle > end for middle in middles), count)
    if not (before.chars and after.chars):
        line.text = before if before.chars else after
        return False
    line.text = Text(
        (*before.chars, " ", sign, " ", *after.chars),
        (*before.scores, 1.0, 1.0, 1.0, *after.scores),
        (
            *before.spans,
            (before.spans[-1][1], start),
            place,
            (end, after.spans[0][0]),
            *after.spans,
        ),
    )
    return True
