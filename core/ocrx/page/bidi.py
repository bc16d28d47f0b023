"""Converts text that runs from right to left from visual to logical order.

A network that reads a line from left to right gives Arabic and Hebrew letters in the order in which
they stand on paper (visual order). Text is kept in the order in which it is read and typed (logical
order). The conversion follows the Unicode bidirectional algorithm (UAX #9) for text without
embeddings: numbers and words of other scripts keep their own order, and brackets in text that runs
leftwards are mirrored. The same conversion leads back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import bidirectional

from ocrx.types import Text

_KINDS = {"R": "R", "AL": "A", "L": "L", "EN": "N", "AN": "D", "CS": "C", "ES": "S", "ET": "T"}
"""The bidirectional classes that matter: R and A (right to left, A is Arabic), L (left to right), N
(number) and D (number in Arabic digits), C and S (separators in numbers; those of C in both kinds)
and T (sign beside a number). All others are neutral."""

_NUMBER = re.compile("(?:T*N(?:(?:[CS]|T+)?N)*T*|D(?:C?D)*)+")
_AFTER_ARABIC = re.compile("[ND](?:C?[ND])*")
"""Other separators and signs are not part of a number that follows Arabic letters: 15% is written
%15, and 2024-01-02 from the right (rules W2 and W4)."""
_WORDS = re.compile("(?:T*N|D|L)(?:.*(?:NT*|D|L))?")

_ADDRESS = re.compile(r"[!-~]*[0-9A-Za-z][@./:_]+[0-9A-Za-z][!-~]*|[@#][!-~]+")
"""An e-mail or web address, a file's name or the like. It may stand in text of any language, and
`@` and `#` before a name may stand after it on paper."""

_MIRRORED = str.maketrans("()[]{}<>«»‹›⟨⟩", ")(][}{><»«›‹⟩⟨")


def is_right_to_left(texts: Iterable[str]) -> bool:
    """Whether there are letters that run from right to left, and no fewer than others. Letters of
    addresses, such as `name@example.com`, do not count."""
    texts = list(texts)
    if all(map(str.isascii, texts)):
        return False
    kinds = "".join(_kinds(_ADDRESS.sub("", text)) for text in texts)
    return 0 < kinds.count("R") + kinds.count("A") >= kinds.count("L")


def reordered(text: str, *, leftwards: bool = False) -> tuple[list[int], str]:
    """A line in logical order if `text` is in visual order, and the reverse. Returns the indices of
    its characters in `text`, and the text with brackets mirrored. `leftwards` says that a line with
    letters of both directions runs from right to left; else its ends and most of its letters do."""
    kinds = "" if text.isascii() else _kinds(text)
    strong = re.sub("[^ALR]", "", kinds)
    if not strong.strip("L"):
        return list(range(len(text))), text
    order: list[int] = []
    mirrored: set[int] = set()
    whole = leftwards or "L" not in (strong[0], strong[-1]) or is_right_to_left([text])
    done = 0
    for run in re.finditer(".*" if whole else "[AR](?:[^L]*[AR])?", kinds, re.DOTALL):
        order.extend(range(done, run.start()))
        done = run.end()
        for start, end, turned in reversed(list(_runs(kinds, run.start(), run.end()))):
            places = range(start, end)
            order.extend(reversed(places) if turned else places)
            mirrored.update(places if turned else ())
    order.extend(range(done, len(text)))
    return order, "".join(text[i].translate(_MIRRORED) if i in mirrored else text[i] for i in order)


def to_logical(text: Text) -> Text:
    """A line in visual order as one in logical order. Spans remain fractions of the line from its
    left end, so those of letters that run leftwards descend."""
    visual = _firsts(text)
    order, logical = reordered(visual)
    return text if logical == visual else _taken(text, order, logical)


def in_direction_of_page(texts: Sequence[Text]) -> list[Text]:
    """The lines of a page, in logical order. On a page that runs from right to left, so do lines
    that begin or end with words of other scripts, however long those are."""
    if not is_right_to_left(text.text for text in texts):
        return list(texts)
    return [text if text.text.isascii() else _leftwards(text) for text in texts]


def _leftwards(text: Text) -> Text:
    """A line that was taken to run from left to right, as one that runs from right to left."""
    places, seen = reordered(_firsts(text))
    middles = [sum(text.spans[i]) for i in places]
    if middles != sorted(middles):  # the recogniser has put the line in order by other rules
        return text
    order, logical = reordered(seen, leftwards=True)
    return _taken(text, [places[i] for i in order], logical)


def _firsts(text: Text) -> str:
    return "".join(char[:1] or " " for char in text.chars)


def _taken(text: Text, order: Sequence[int], logical: str) -> Text:
    return Text(
        tuple(char + text.chars[i][1:] for i, char in zip(order, logical, strict=True)),
        tuple(text.scores[i] for i in order),
        tuple(text.spans[i] for i in order),
        text.match,
    )


def _kinds(text: str) -> str:
    return "".join(_KINDS.get(bidirectional(character), ".") for character in text)


def _runs(kinds: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The runs in a stretch of text that runs leftwards, from left to right: start, end, and
    whether the run itself runs leftwards. Only numbers and phrases of other scripts do not."""
    for stretch in re.finditer("[AR]+|[^AR]+", kinds[start:end]):
        begin, stop = start + stretch.start(), start + stretch.end()
        number = _AFTER_ARABIC if kinds[stop:end].startswith("A") else _NUMBER
        pattern = _WORDS if "L" in stretch.group() else number
        for kept in pattern.finditer(kinds, begin, stop):
            if begin < kept.start():
                yield begin, kept.start(), True
            yield *kept.span(), False
            begin = kept.end()
        if begin < stop:
            yield begin, stop, True
