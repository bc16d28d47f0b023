"""What one frame shows: codes, each at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ocrx.page.geometry import crop, quad_size
from ocrx.types import Image, Item, Line, Match, Page, Quad
from ocrx_watch.sources.source import Frame, Moment

TEXT = "text"
"""The kind of a line of text. Other kinds are types of items, such as "qr"."""

EDGE = 2.0
"""Pixels from the edge of a frame at which something counts as cut off by it."""


@dataclass(frozen=True, eq=False)
class Sighting:
    """A line of text or an item on one frame. `text` is empty if it was `refused`. `image` is what
    the frame shows of a line, RGB uint8 (height, width, 3); None for items."""

    kind: str
    text: str
    score: float
    quad: Quad
    moment: Moment
    image: Image | None = None
    confidence: float | None = None
    match: Match | None = None
    refused: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The text by which sightings are compared: white space is read in one frame and not in the
        next."""
        return "".join(self.text.split())

    @property
    def centre(self) -> complex:
        """Its middle, x + y i, in pixels."""
        x, y = self.quad.mean(axis=0).tolist()
        return complex(x, y)

    @property
    def length(self) -> float:
        """Of its longer side, in pixels; 1 at least."""
        return max(1.0, *quad_size(self.quad))


@dataclass
class Seen:
    """What a frame shows, and how many lines were left out: because they match none of the patterns
    that were asked for, and because the edge of the frame cuts them off."""

    sightings: list[Sighting]
    unmatched: int = 0
    cut: int = 0


def seen_in(frame: Frame, page: Page, *, joined: bool, patterned: bool = False) -> Seen:
    """What the page of a frame says. If frames are `joined`, what is only half in sight is left
    out: it is read when it is all there, or was before. If lines were asked for that match a
    pattern, others are left out, also signs that no pattern was tried on."""
    image = frame.picture.raster.image
    seen = Seen([])
    for line in page.lines:
        if not (line.text.strip() or line.refused):
            continue
        matches = not patterned if line.match is None else bool(line.match.pattern)
        if not matches and not line.refused:
            seen.unmatched += 1
        elif joined and page.layout == "page" and is_cut(line.quad, page.width, page.height):
            seen.cut += 1
        else:
            seen.sightings.append(_of_line(line, frame, crop(image, line.quad) if joined else None))
    seen.sightings.extend(_of_item(item, frame) for item in page.items)
    return seen


def is_cut(quad: Quad, width: float, height: float) -> bool:
    """Whether something ends at one edge of a frame and not at the opposite one. What reaches from
    edge to edge was framed like that."""
    for low, high, size in zip(quad.min(axis=0), quad.max(axis=0), (width, height), strict=True):
        if (low <= EDGE) != (high >= size - EDGE):
            return True
    return False


def _of_line(line: Line, frame: Frame, image: Image | None) -> Sighting:
    return Sighting(
        TEXT,
        line.text,
        line.score,
        line.quad,
        frame.moment,
        None if image is None else np.array(image),  # a copy: the frame is not kept for it
        line.confidence,
        line.match,
        line.refused,
    )


def _of_item(item: Item, frame: Frame) -> Sighting:
    return Sighting(item.type, item.value, item.score, item.quad, frame.moment, fields=item.fields)
