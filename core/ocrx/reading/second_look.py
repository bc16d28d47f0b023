"""The stages that read doubtful lines again in another view, and keep the better reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocrx.interfaces.components import Orienter, Recognizer
from ocrx.page.views import LOOSE, View, certainty, is_doubtful, line_view, turned_view
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import ORIENT, Candidate, Work, read_crops, run
from ocrx.reading.turned_page import is_upright, quarters_of, weight
from ocrx.types import Text

WELL = 0.9
"""A line that scores at least this much is not upside down: only others are checked."""

SHORT = 4.0
"""A line less than this many times as long as high may be a single character."""

UPRIGHT = 0.1
"""A single character stands upright unless it reads better by this much on its side, because an l
on its side is a plausible dash."""


PRIOR = 0.1
"""On an upright page a line is upright too, unless it reads better by this much upside down. If it
reads the same both ways, such as 8966 and 9968, it is upright however well it reads."""

FEW = 2
"""So few characters alone are no evidence that a line is upside down."""

NEIGHBOURS = 6
"""At most so many of the nearest lines say which way up a line is, if it lies otherwise than they
do."""

REACH = 3.5
"""Lines that are this many times further away than the nearest are no neighbours."""

FAVOUR = 0.1
"""What the way up of its neighbours is ahead of the line's own."""

HALF_TURN = str.maketrans("01689HINOSXZlnosuxzbdpqMW-—+=.:%/", "01986HINOSXZlnosuxzqpdbWM-—+=.:%/")
"""The characters that are characters upside down, too."""


@dataclass(frozen=True)
class Attempt:
    """Another view of a line, turned by so many `quarters`, on a page that is surely `upright` or
    may not be. `favour` is what the view is ahead for other reasons than what is read in it."""

    candidate: Candidate
    view: View
    quarters: int = 0
    upright: bool = False
    favour: float = 0.0


def focus(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read pictures of a single line again, cut down to the line, if the reading is doubtful or
    there is much room above and below the line."""
    candidates = [c for work in works if work.layout == "line" for c in work.candidates]
    attempts = []
    for candidate in candidates:
        view = line_view(candidate.view)
        loose = len(view.crop) < LOOSE * len(candidate.crop)
        if loose or (is_doubtful(candidate.text) and len(view.crop) < len(candidate.crop)):
            attempts.append(Attempt(candidate, view))
    keep_better(works, recognizer, attempts)


def orient(
    works: Sequence[Work],
    orienter: Callable[[], Held[Orienter]] | None,
    recognizer: Held[Recognizer],
) -> None:
    """Read lines again that may have been read the wrong way up.

    These are lines that read badly and that the orienter takes for upside down, and tall boxes that
    may hold a single upright character instead of a short word that runs down the page.

    `orienter` is called only if an orienter is needed. If it is None, no line is taken for upside
    down.
    """
    attempts = [
        _turned(candidate, -1)
        for work in works
        for candidate in work.candidates
        if candidate.tall and _is_short(candidate)
    ]
    if orienter is not None:
        attempts += _upside_down(works, orienter)
    keep_better(works, recognizer, attempts)


def follow_neighbours(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read lines again that lie otherwise than most text around them, as short words do that read
    plausibly upside down in a label that lies so."""
    attempts = [
        Attempt(c, turned_view(c.view, quarters), quarters, favour=FAVOUR)
        for work in works
        if work.layout == "page"
        for c, quarters in _strangers(work.candidates)
        if quarters == 2 or _is_short(c)
    ]
    keep_better(works, recognizer, attempts)


def _strangers(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, int]]:
    """The lines that lie otherwise than their neighbours, and by how many quarters the neighbours
    are turned from them."""
    ways = np.array([quarters_of(one.quad) for one in candidates], dtype=np.intp)
    if not len(ways) or (ways == ways[0]).all():
        return
    middles = np.array([one.quad.mean(axis=0) for one in candidates])
    # Single characters look much the same whichever way up they are.
    weights = np.array([weight(c) if len(c.text.text) > 1 else 0.0 for c in candidates])
    for number, candidate in enumerate(candidates):
        off = np.linalg.norm(middles - middles[number], axis=1)
        near = np.argsort(np.where(weights > 0, off, np.inf))[: NEIGHBOURS + 1]
        near = near[(near != number) & (weights[near] > 0)]
        near = near[off[near] <= REACH * off[near].min(initial=np.inf)]
        votes = np.bincount(ways[near], weights[near], minlength=4)
        way = int(np.argmax(votes))
        several = np.count_nonzero(ways[near] == way) > 1
        if way != ways[number] and several and 2 * votes[way] > votes.sum():
            yield candidate, int(way - ways[number]) % 4


def _turned(candidate: Candidate, quarters: int, *, upright: bool = False) -> Attempt:
    return Attempt(candidate, turned_view(candidate.view, quarters), quarters, upright)


def _is_short(candidate: Candidate) -> bool:
    height, width = candidate.crop.shape[:2]
    return bool(width < SHORT * height)


def _upside_down(works: Sequence[Work], orienter: Callable[[], Held[Orienter]]) -> list[Attempt]:
    """The lines that read badly and that the orienter takes for upside down, turned."""
    upright = [is_upright(work.candidates) for work in works]
    doubtful = [
        (work, candidate, sure)
        for work, sure in zip(works, upright, strict=True)
        for candidate in work.candidates
        if _reads_badly(candidate, upright=sure)
    ]
    if not doubtful:
        return []
    concerned = list({id(work): work for work, _, _ in doubtful}.values())
    found = run(concerned, ORIENT, orienter(), [c.crop for _, c, _ in doubtful])
    return [
        _turned(candidate, 2, upright=sure)
        for (_, candidate, sure), orientation in zip(doubtful, found, strict=True)
        if orientation.degrees == 180
    ]


def _reads_badly(candidate: Candidate, *, upright: bool) -> bool:
    """Whether a line may be upside down. On an `upright` page one or two characters are not: they
    look much the same whichever way up they are, as + does, or °C and O。."""
    few = len(candidate.text.text.strip()) <= FEW
    return candidate.text.score < WELL and not (upright and few)


def keep_better(
    works: Sequence[Work], recognizer: Held[Recognizer], attempts: Sequence[Attempt]
) -> None:
    """Read the view of each attempt. A line takes over the view and its text if they are better."""
    texts = read_crops(works, [one.view.crop for one in attempts], recognizer)
    for one, text in zip(attempts, texts, strict=True):
        candidate = one.candidate
        better = certainty(text) + _ahead(one, text) > certainty(candidate.text)
        # Neighbours are evidence of the way up, but the same reading is none.
        same = candidate.text.text == text.text and one.quarters == 2 and not one.favour
        if (same or one.upright) and reads_both_ways(candidate.text.text, text.text):
            if same and better:
                candidate.text = _turned_back(text)
        elif better:
            candidate.view, candidate.text = one.view, text
            candidate.upside_down ^= one.quarters == 2


def _ahead(one: Attempt, text: Text) -> float:
    """What is added to the certainty of an attempt in comparing it with the reading so far."""
    if one.favour:
        return one.favour
    if _is_single(one.candidate, text):
        return UPRIGHT if one.quarters == -1 else -UPRIGHT
    return -PRIOR if one.upright else 0.0


def reads_both_ways(text: str, turned: str) -> bool:
    """Whether a line that reads as `text` and, turned by 180 degrees, as `turned` is one and the
    same seen from both sides."""
    known = all(ord(character) in HALF_TURN or character.isspace() for character in text)
    # A recogniser that is shown z upside down may read Z: only their sizes tell them apart.
    return known and text[::-1].translate(HALF_TURN).casefold() == turned.casefold()


def _turned_back(text: Text) -> Text:
    """A text that reads the same both ways, in the view that is turned by 180 degrees."""
    spans = tuple((1 - end, 1 - start) for start, end in reversed(text.spans))
    return replace(text, scores=text.scores[::-1], spans=spans)


def _is_single(candidate: Candidate, text: Text) -> bool:
    """Whether both readings of a tall box are a single character."""
    return candidate.tall and len(text.text) == len(candidate.text.text) == 1
