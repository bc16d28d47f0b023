"""The stage that reads a number as one which the detector found in pieces.

On displays and in fonts in which all characters are equally wide, there is so much room around a
decimal point that detectors part the number there, and overlook a minus sign or the point itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.components import Recognizer
from ocrx.page.geometry import crop
from ocrx.page.ink import ink
from ocrx.page.views import View
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import Candidate, Work, read_crops
from ocrx.types import Text, frozen_quad

PIECE = re.compile(r"[-+−±]?[\d.,:/%■•·]+")
"""What may be a piece of a number. Recognisers take a lone point for a square or a bullet. A lone
minus is the dash of an empty cell beside a number, more often than not."""

NUMBER = re.compile(r"[-+−±]?\d+(?:[.,:/-]\d+)*%?")

DIGITS = re.compile(r"\d+")

GAP = 0.35
"""The boxes of two pieces are at most so many heights apart. The cells of a table are too, now and
then, but between them there is no sign."""

OVERLAP = 0.3
"""They overlap by at most so many heights."""

TILT = 0.5
"""The box of a single digit rises or falls by at most so many times its width: that around a 7 or a
4 is not level."""

LOWER = 0.1
"""The score of the whole is lower by at most so much than that of any piece."""

REACH = 1.1
APART = 0.35
WITHIN = 0.25
MARGIN = 0.15
"""In heights: a minus sign that was overlooked is looked for in so much room before its number. It
ends at most so far before the box of that or within it, and has so much blank before it."""

THICK = 0.25
ASPECT = 1.3
FILL = 0.75
"""A minus sign is at most so many heights thick, so many times as wide as high or more, and ink in
this part of its box or more."""


@dataclass(frozen=True, eq=False)
class _Number:
    """The pieces of a number from left to right, and the view of all of it. `minus` says that there
    is a bar before them that was not read."""

    pieces: Sequence[Candidate]
    view: View
    minus: bool


def read_pieces(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read what may be the pieces of a number, or a number and its sign, as one. They stay apart
    unless there is a sign between the same groups of digits, or before them."""
    asked = [(work, one) for work in works if work.layout == "page" for one in _numbers(work)]
    texts = read_crops([work for work, _ in asked], [one.view.crop for _, one in asked], recognizer)
    for (work, one), read in zip(asked, texts, strict=True):
        text = _without_spaces(read)
        if _is_whole(one, text):
            first, *others = one.pieces
            first.view, first.text = one.view, text
            gone = set(map(id, others))
            work.candidates = [each for each in work.candidates if id(each) not in gone]


def _numbers(work: Work) -> Iterator[_Number]:
    pieces = [c for c in work.candidates if _is_piece(c)]
    if not any(map(_has_digit, pieces)):
        return
    grey = np.asarray(cv2.cvtColor(work.image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    for chain in _chains(pieces):
        if not any(map(_has_digit, chain)):
            continue
        corners = np.concatenate([one.quad for one in chain])
        (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        start = _sign_before(grey, (x0, y0, y1)) if chain[0].text.chars[0].isdecimal() else x0
        if len(chain) > 1 or start < x0:
            quad = frozen_quad([[start, y0], [x1, y0], [x1, y1], [start, y1]])
            yield _Number(chain, View(quad, crop(work.image, quad)), start < x0)


def _is_piece(candidate: Candidate) -> bool:
    right, down = (candidate.quad[1] - candidate.quad[0]).tolist()
    text = candidate.text
    level = candidate.is_level or (len(text.chars) == 1 and right > 0 and abs(down) <= TILT * right)
    return bool(level and text.match is None and PIECE.fullmatch(text.text.strip()))


def _has_digit(candidate: Candidate) -> bool:
    return any(map(str.isdecimal, candidate.text.text))


def _chains(pieces: Sequence[Candidate]) -> list[list[Candidate]]:
    """The pieces in runs of those that follow each other closely in a row."""
    corners = np.array([one.quad for one in pieces], dtype=np.float64)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    order = np.argsort(boxes[:, 0], kind="stable")
    x0, y0, x1, y1 = boxes[order].T
    chains: list[list[int]] = []
    for one in range(len(order)):
        lasts = np.array([chain[-1] for chain in chains], dtype=np.intp)
        high = np.maximum(y1[one] - y0[one], y1[lasts] - y0[lasts])
        low = np.minimum(y1[one] - y0[one], y1[lasts] - y0[lasts])
        follows = np.minimum(y1[one], y1[lasts]) - np.maximum(y0[one], y0[lasts]) > low / 2
        gaps = x0[one] - x1[lasts]
        follows &= (gaps >= -OVERLAP * high) & (gaps <= GAP * high)
        if follows.any():
            chains[int(np.argmax(follows))].append(one)
        else:
            chains.append([one])
    return [[pieces[order[one]] for one in chain] for chain in chains]


def _sign_before(grey: NDArray[np.uint8], edges: tuple[float, float, float]) -> float:
    """Where a bar begins that stands alone before a box, given by its left, top and bottom edge,
    with room before it; the left edge if there is none."""
    x0, top, bottom = edges
    high = bottom - top
    left = max(0.0, x0 - REACH * high)
    mask = ink(grey, ((top + bottom) / 2, high), (left, x0 + WITHIN * high))
    if not mask.any():
        return x0
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    (first, _, wide, thick, area), *others = sorted(stats[1:].tolist())
    bar = wide >= ASPECT * thick and thick <= THICK * high and area >= FILL * wide * thick
    ends = first + wide < mask.shape[1] and all(one[0] >= first + wide for one in others)
    room = x0 - left - first
    before = first >= MARGIN * high and 0 < room <= wide + APART * high
    return left + first - MARGIN * high if bar and ends and before else x0


def _without_spaces(text: Text) -> Text:
    """Recognisers take the room around a sign for a space."""
    parts = zip(text.chars, text.scores, text.spans, strict=True)
    kept = [part for part in parts if not part[0].isspace()]
    if len(kept) == len(text.chars):
        return text
    chars, scores, spans = zip(*kept, strict=True) if kept else ((), (), ())
    return Text(chars, scores, spans)


def _is_whole(number: _Number, text: Text) -> bool:
    read = text.text
    parts = [part for one in number.pieces for part in DIGITS.findall(one.text.text)]
    least = min(one.text.score for one in number.pieces) - LOWER
    signed = read[:1] in set("-−–") if number.minus else len(number.pieces) > 1
    joined = NUMBER.fullmatch(read) is not None and DIGITS.findall(read) == parts
    return signed and joined and text.score >= least
