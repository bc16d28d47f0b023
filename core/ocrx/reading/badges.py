"""The stage that reads the counts in badges: see `ocrx.page.badges`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrx.interfaces.components import Recognizer
from ocrx.page.badges import Badge, find_badges
from ocrx.page.geometry import quad_size
from ocrx.page.quantiles import median
from ocrx.page.views import View, certainty
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import Candidate, Work, read_crops
from ocrx.reading.scripts import is_word

WELL = 0.9
"""A count that reads with lower certainty is an icon."""

RINGS = frozenset("0OoQ")
"""What recognisers take a badge for whose count they do not see, if it stands alone."""

FEW = 2
"""On a page with fewer words, what has the shape of a badge is none."""


def read_badges(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read the counts in badges in which nothing was read."""
    asked = [(work, *one) for work in works if work.layout == "page" for one in _unread(work)]
    texts = read_crops([one[0] for one in asked], [badge.crop for _, badge, _ in asked], recognizer)
    for (work, badge, held), text in zip(asked, texts, strict=True):
        if not _is_count(text.text) or certainty(text) < WELL:
            continue
        rest = [c for c in work.candidates if not any(c is one for one in held)]
        work.candidates = [*rest, Candidate(View(badge.quad, badge.crop), 0.0, text=text)]


def _is_count(text: str) -> bool:
    """Whether a text is a count, such as `3` or `99+`. A 0 is as often a switch or a ring."""
    return text.removesuffix("+").isdecimal() and text != "0"


def _unread(work: Work) -> list[tuple[Badge, list[Candidate]]]:
    """The badges in which nothing was read but a ring, and the candidates in their place."""
    words = [c for c in work.candidates if is_word(c.text)]
    if len(words) < FEW:
        return []
    height = median(np.array([min(quad_size(word.quad)) for word in words]))
    found = []
    read = [c.quad for c in work.candidates if _is_read(c)]
    for badge in find_badges(work.image, read, height):
        held = [c for c in work.candidates if _meets(badge, c)]
        if not any(map(_is_read, held)):
            found.append((badge, held))
    return found


def _is_read(candidate: Candidate) -> bool:
    text = candidate.text.text.strip()
    return bool(text) and text not in RINGS


def _meets(badge: Badge, candidate: Candidate) -> bool:
    """Whether the box of a candidate and a badge overlap in the middle of either."""
    low, high = badge.shape[0], badge.shape[2]
    top_left, bottom_right = candidate.quad.min(axis=0), candidate.quad.max(axis=0)
    middle, centre = (low + high) / 2, (top_left + bottom_right) / 2
    return bool(
        ((low <= centre) & (centre <= high)).all()
        or ((top_left <= middle) & (middle <= bottom_right)).all()
    )
