"""Finds pages that lie on their side or upside down by a vote of their lines, and turns them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocrx.page.directions import is_written_down
from ocrx.page.geometry import quad_size, transform, turn_back
from ocrx.page.views import certainty
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Quad

VOTERS = 2
"""A page is turned only if at least this many lines vote."""

CERTAIN = 0.5
"""Lines of lower certainty have no vote: they may not be text at all."""


WELL = 0.9
"""Lines of this certainty show that a page is upright, if they hold most of its text."""


def page_turn(candidates: Sequence[Candidate]) -> int:
    """The quarters, clockwise, by which most of the text on a page is turned; 0 without a majority.

    Each character votes with its line's certainty. Lines of a single character have no vote,
    because it looks much the same whichever way up it is, nor have those that are no longer than
    high, such as a number of two digits on its side. Chinese, Japanese and Korean text that
    runs down the page does not turn it, because it may be written so.
    """
    voters = [c for c in candidates if len(c.text.text.strip()) > 1 and weight(c) > 0]
    voters = [c for c in voters if np.greater(*quad_size(c.quad))]
    weights = [0.0] * 4
    for candidate in voters:
        weights[quarters_of(candidate.quad)] += weight(candidate)
    winner = int(np.argmax(weights))
    if winner == 1 and is_written_down("".join(c.text.text for c in voters)):
        return 0
    return winner if len(voters) >= VOTERS and 2 * weights[winner] > sum(weights) else 0


def is_upright(candidates: Sequence[Candidate]) -> bool:
    """Whether a page is surely upright: whether at least VOTERS lines read well, and hold most of
    its text."""
    sure = [c for c in candidates if certainty(c.text) >= WELL and len(c.text.text.strip()) > 1]
    return len(sure) >= VOTERS and 2 * sum(map(weight, sure)) > sum(map(weight, candidates))


def upright(work: Work) -> Work | None:
    """A new work on the same picture, turned so that most of its text is upright; None if it is
    upright already."""
    quarters = page_turn(work.candidates) if work.layout == "page" else 0
    if quarters == 0:
        return None
    height, width = work.image.shape[:2]
    back = turn_back(height, width, quarters)
    there = np.linalg.inv(back).astype(np.float64)
    return replace(
        work,
        image=np.ascontiguousarray(np.rot90(work.image, quarters)),
        matrix=back if work.matrix is None else work.matrix @ back,
        regions=(),
        candidates=[],
        items=[replace(item, quad=transform(item.quad, there)) for item in work.items],
        notes=[*work.notes, f"the page is turned by {90 * quarters} degrees and was read upright"],
    )


def better(work: Work, anew: Work | None) -> Work:
    """The better of two works on a picture: the one with more characters, weighted by certainty. If
    they are equal, the new one."""
    if anew is None or anew.error is not None or _evidence(anew) < _evidence(work):
        return work
    return anew


def _evidence(work: Work) -> float:
    return sum(weight(candidate) for candidate in work.candidates)


def weight(candidate: Candidate) -> float:
    """The number of characters times their certainty; 0 if that is below CERTAIN."""
    sure = certainty(candidate.text)
    return sure * len(candidate.text.text) if sure >= CERTAIN else 0.0


def quarters_of(quad: Quad) -> int:
    """The quarters, clockwise, by which a quad's text is turned."""
    along = quad[1] + quad[2] - quad[0] - quad[3]
    return int(np.rint(np.arctan2(along[1], along[0]) / (np.pi / 2))) % 4
