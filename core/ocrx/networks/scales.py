"""Chooses between the lines that were found at several scales of one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import quad_size
from ocrx.types import Region

Floats: TypeAlias = NDArray[np.floating[Any]]

WORTHWHILE = 0.75
"""A picture that was reduced by no more than this factor shows nothing new in full size."""

COVERED = 0.3
"""The fraction of a far line that near lines must cover to be believed instead."""

ALONG = 0.6
"""Or the fraction of its length. The box of a line that was seen only a few pixels high can be five
times as high as its text."""

AS_HIGH = 0.6
"""A near line is a part of a far one only if it is at least so many times as high."""

LOW = 0.25
"""A far line may be a picture with print above or below it. A near line that is lower than this, in
heights of the far one, is such print, if the near look saw something large as well, or if it is at
least LONG times as long as high. Specks in large letters are shorter."""

LONG = 5.0


def closer_scales(scale: float) -> list[float]:
    """The larger scales, up to 1, at which to look again at a picture that was seen at `scale`.

    Each is twice the one before, so that text of every size is seen large enough once.
    """
    scales = []
    closer = 1.0
    while scale < WORTHWHILE * closer:
        scales.append(closer)
        closer /= 2
    return scales[::-1]


def believed(
    far: Sequence[Region],
    near: Sequence[Region],
    largest: float,
    whole: Sequence[bool],
    cut: Sequence[bool] = (),
) -> list[Region]:
    """One set of lines out of two looks at a picture, with all quads in the same pixels. `far` saw
    all of it, reduced; `near` saw parts at a larger scale. `whole` says for each far line whether
    the parts show all of it, and `cut` for each near line whether it is cut off above or below,
    where they end.

    The near look sees small text better, but it may see only pieces of text higher than `largest`.
    It replaces a far line if its lines cover a good part of that, none of them is so high, and they
    are not just the part of it that the near look was shown.
    """
    quads = np.array([region.quad for region in near], dtype=np.float64).reshape(-1, 4, 2)
    sizes = np.array([quad_size(region.quad) for region in near]).reshape(-1, 2)
    middles = quads.mean(axis=1)
    order = np.argsort(middles[:, 1], kind="stable")
    down = middles[order, 1]
    reach = float(np.hypot(*sizes.T).max(initial=0)) / 2
    kept: list[Region] = []
    cut_off = np.zeros(len(near), dtype=bool)
    cut_off[: len(cut)] = cut
    dropped = np.zeros(len(near), dtype=bool)
    for region, shown in zip(far, whole, strict=True):
        top, bottom = region.quad[:, 1].min(), region.quad[:, 1].max()
        first, last = np.searchsorted(down, [top - reach, bottom + reach]).tolist()
        some = order[first:last]
        same = some[
            _inside(region.quad[None], middles[some])
            | _inside(quads[some], region.quad.mean(axis=0)[None])
        ]
        if not len(same):
            kept.append(region)
            continue
        covered = float(np.prod(sizes[same], axis=1).sum() / np.prod(quad_size(region.quad)))
        highest = float(sizes[same].min(axis=1).max())
        high = highest >= AS_HIGH * min(quad_size(region.quad))
        is_part = not shown and (high or bool(cut_off[same].all()))
        alike = covered >= COVERED or _along(region.quad, quads[same]) >= ALONG
        if not alike or highest > largest or is_part:
            kept.append(region)
            beside = _is_print(sizes[same], min(quad_size(region.quad)), largest)
            dropped[same[~beside | (cut_off[same] & (not shown))]] = True
    return kept + [region for region, out in zip(near, dropped, strict=True) if not out]


def _is_print(sizes: Floats, height: float, largest: float) -> NDArray[np.bool_]:
    """Which near lines of some `sizes` (N, 2) are print beside a picture, not pieces of a large far
    line of this `height`."""
    low, long = sizes.min(axis=1), sizes.max(axis=1)
    is_line = (long >= LONG * low) | (low.max() > largest)
    return np.asarray((height > largest) & (low < LOW * height) & is_line)


def _along(quad: Floats, parts: Floats) -> float:
    """The fraction of a line's length that some parts of it take, shape (N, 4, 2)."""
    axis = quad[1] - quad[0]
    down = quad[3] - quad[0]
    axis = axis if axis @ axis >= down @ down else down
    ends = np.sort(np.clip((parts - quad[0]) @ axis / (axis @ axis), 0, 1), axis=1)
    taken, last = 0.0, 0.0
    for start, stop in sorted(ends[:, [0, -1]].tolist()):
        taken += max(0.0, stop - max(start, last))
        last = max(last, stop)
    return taken


def _inside(quads: Floats, points: Floats) -> NDArray[np.bool_]:
    """Whether each point lies in its quad. One quad may go with many points, and the reverse."""
    sides = np.roll(quads, -1, axis=1) - quads
    off = points[:, None] - quads
    return np.asarray((sides[..., 0] * off[..., 1] >= sides[..., 1] * off[..., 0]).all(axis=1))
