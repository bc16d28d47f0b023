"""In which directions the lines of a page run."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

import numpy as np

from ocrx.page.boxes import Floats, Ints, Texts
from ocrx.types import Quad

QUARTER = np.pi / 2

TURN = np.pi / 6
"""A quad that is turned further than this from the page's direction counts as an upright box."""

MANY = 1000
"""The length, in characters, that is assumed of a line that was not read yet."""


def by_turn(quads: Sequence[Quad], texts: Sequence[str]) -> list[list[int]]:
    """The indices of the lines that run as most of the page does; then those of each block that
    lies in another way, such as a label on its side or a table upside down.

    A single line that is turned is no block, nor is text in a script that is written down the page.
    """
    corners = np.array(quads, dtype=np.float64).reshape(-1, 4, 2)
    turned = _quarters(np.nan_to_num(corners), np.array(list(texts), dtype=object))
    groups = [[], *(np.flatnonzero(turned == quarters).tolist() for quarters in (1, 2, 3))]
    for number, group in enumerate(groups):
        if len(group) < 2 or is_written_down("".join(texts[i] for i in group)):
            groups[number] = []
            continue
        low, high = corners[group].min(axis=(0, 1)), corners[group].max(axis=(0, 1))
        middle = corners.mean(axis=1)
        inside = ((low <= middle) & (middle <= high)).all(axis=1)
        lone = np.array([len(text) < 2 for text in texts])
        groups[number] = np.flatnonzero((turned == number) | (inside & lone)).tolist()
    elsewhere = {i for group in groups for i in group}
    groups[0] = [i for i in range(len(corners)) if i not in elsewhere]
    return [groups[0], *filter(None, groups[1:])]


def is_written_down(text: str) -> bool:
    """Whether most letters are wide, as in scripts that may be written in columns down the page."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(east_asian_width(letter) == "W" for letter in letters) > len(letters)


def directions(corners: Floats, texts: Texts) -> tuple[Floats, float]:
    """The direction in which each text runs, and that of the page, in radians."""
    along, down = axes(corners)
    width, height = np.hypot(*along.T), np.hypot(*down.T)
    angles = np.arctan2(along[:, 1], along[:, 0])
    lengths = np.array([len(text) or MANY for text in texts])
    # A detector cannot see which way up a single character is.
    votes = np.where(lengths < 2, angles - np.rint(angles / QUARTER) * QUARTER, angles)
    # The longer a line is, the surer is its direction. A box without height has none.
    aspect = np.where(height > 0, width / np.maximum(height, 1e-9), 0)
    return angles, _direction(votes, np.clip(np.minimum(aspect, lengths) - 1, 0.05, 20))


def axes(corners: Floats) -> tuple[Floats, Floats]:
    """The vectors of each quad from its left to its right side, and from its top to its bottom."""
    p0, p1, p2, p3 = corners.transpose(1, 0, 2)
    return (p1 + p2 - p0 - p3) / 2, (p2 + p3 - p0 - p1) / 2


def wrap(angles: Floats) -> Floats:
    return np.mod(angles + np.pi, 2 * np.pi) - np.pi


def _quarters(corners: Floats, texts: Texts) -> Ints:
    """How many quarters clockwise each line is turned from the page. 0 for single characters, and
    for what lies between two quarters."""
    angles, page = directions(corners, texts)
    off = wrap(angles - page) / QUARTER
    nearest = np.rint(off)
    sure = (np.abs(off - nearest) * QUARTER <= TURN) & (np.array([len(t) for t in texts]) > 1)
    return np.where(sure, nearest.astype(np.intp) % 4, 0)


def _direction(angles: Floats, weights: Floats) -> float:
    """The direction in which most text runs, in radians: the weighted median of the angles around
    the sector with the most weight."""
    sectors = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    near = np.maximum(np.cos(angles[:, None] - sectors), 0) ** 16
    votes = np.round((weights[:, None] * near).sum(axis=0), 6)
    centre = float(sectors[int(np.argmax(votes))])
    off = wrap(angles - centre)
    chosen = np.abs(off) <= TURN
    off, weights = off[chosen], weights[chosen]
    if not len(off):
        return centre
    order = np.argsort(off, kind="stable")
    total = np.cumsum(weights[order])
    return centre + float(off[order][np.searchsorted(total, total[-1] / 2)])
