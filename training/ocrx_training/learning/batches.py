"""Batches of lines: pictures of one height, padded to one width, with their texts as classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ocrx.types import Image
from ocrx_training.charset import Charset
from ocrx_training.networks.crnn import HEIGHT, STEP
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.stream import pictures

POOL = 8
"""Batches that are sorted by width together, so that lines of a batch need little padding."""

NARROWEST, WIDEST, GRID = 32, 640, 32
"""Widths in pixels. They are rounded up to the grid, as runtimes are given them too."""


Span: TypeAlias = tuple[float, float]
"""Where a text begins and ends, as fractions of a width."""


class Lines(NamedTuple):
    """A batch. `pictures` are float32 (N, 3, 32, W) in [-1, 1], `classes` the texts one after the
    other, `lengths` how long each is, `spans` where they begin and end, as fractions of W."""

    pictures: torch.Tensor
    classes: torch.Tensor
    lengths: torch.Tensor
    texts: tuple[str, ...]
    spans: tuple[Span, ...] = ()


class Line(NamedTuple):
    """A picture, uint8 (H, W, 3), its text, and where that begins and ends in it."""

    picture: NDArray[np.uint8]
    text: str
    span: Span = (0.0, 1.0)


def line(picture: Image, text: str, rows: int = HEIGHT, span: Span = (0.0, 1.0)) -> Line:
    """The picture with that many rows, squeezed if it is too long for the network."""
    height, width = picture.shape[:2]
    wide = min(max(STEP, round(width * rows / height)), WIDEST * rows // HEIGHT)
    how = cv2.INTER_AREA if height > rows else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(picture, (wide, rows), interpolation=how), np.uint8)
    return Line(resized, text, span)


def collated(lines: Sequence[Line], charset: Charset) -> Lines:
    """A batch of lines. Those that are narrower than the widest are followed by grey."""
    widest = max((one.picture.shape[1] for one in lines), default=0)
    width = max(NARROWEST, -(-widest // GRID) * GRID)
    padded = np.full((len(lines), HEIGHT, width, 3), 127, np.uint8)
    for row, one in zip(padded, lines, strict=True):
        row[:, : one.picture.shape[1]] = one.picture
    numbers = [charset.numbers(one.text) for one in lines]
    return Lines(
        normalised(torch.from_numpy(padded)),
        torch.tensor([number for row in numbers for number in row], dtype=torch.long),
        torch.tensor([len(row) for row in numbers], dtype=torch.long),
        tuple(one.text for one in lines),
        tuple(_within(one, width) for one in lines),
    )


def _within(one: Line, width: int) -> Span:
    share = one.picture.shape[1] / width
    return one.span[0] * share, one.span[1] * share


def normalised(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 (N, H, W, 3) as float32 (N, 3, H, W) in [-1, 1], in memory with channels last, in which
    convolutions are fastest."""
    return pictures.permute(0, 3, 1, 2).to(torch.float32).sub_(127.5).div_(127.5)


def readable(found: Line) -> bool:
    """Whether CTC can write the text in so few steps: one for each character, and one between
    equal ones."""
    again = sum(a == b for a, b in pairwise(found.text))
    steps = int(found.picture.shape[1]) // STEP
    return 0 < len(found.text) + again <= steps


def drawn_lines(
    options: SynthOptions,
    charset: Charset,
    *,
    start: int,
    count: int,
    processes: int = 1,
    rows: int = HEIGHT,
) -> Iterator[Line]:
    """Drawn lines of those numbers, with folded texts, and that many rows."""
    for one in pictures(options, start=start, count=count, processes=processes):
        xs = one.quad[:, 0] / one.picture.shape[1]
        span = float(xs[[0, 3]].mean()), float(xs[[1, 2]].mean())
        yield line(one.picture, charset.folded(one.text), rows, span)


def batches(lines: Iterable[Line], charset: Charset, random: np.random.Generator) -> list[Lines]:
    """A pool of lines as POOL batches of similar width, in random order. Lines that CTC cannot
    write are left out."""
    pool = sorted(filter(readable, lines), key=lambda one: one.picture.shape[1])
    bounds = np.linspace(0, len(pool), POOL + 1).astype(int).tolist()
    order = random.permutation(POOL).tolist()
    return [collated(pool[bounds[number] : bounds[number + 1]], charset) for number in order]
