"""Inputs on which a converted network is compared with the original."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.feeds import Feeds

LETTER, LINE = (3, 4), (5, 8)
"""How wide a letter is, and a letter with the room beside it; how high, and a line's distance."""
INK = 0.6
"""The share of a letter that is black."""
DOT = 3
"""The pixels that a dot of a letter is wide and high."""


def trial(shape: Sequence[int], random: np.random.Generator) -> NDArray[np.float32]:
    """Numbers from -1 to 1: a picture of made-up print if the shape is that of pictures (N, 1 or 3,
    H, W), else noise.

    A network that looks for text says next to nothing of noise, and such answers cannot be told
    from one another.
    """
    if len(shape) == 4 and shape[1] in (1, 3):
        pages = np.stack([_page(shape[2], shape[3], random) for _ in range(shape[0])])
        return np.repeat(pages[:, None], shape[1], axis=1)
    return random.uniform(-1, 1, shape).astype(np.float32)


@contextmanager
def saved(trials: Iterable[Feeds]) -> Iterator[list[str]]:
    """Inputs of calls as .npz files, for a process without ocrx. They are deleted afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = []
        for number, feeds in enumerate(trials):
            paths.append(Path(scratch, f"{number}.npz"))
            named: dict[str, Any] = dict(feeds)
            np.savez(paths[-1], **named)
        yield [str(path) for path in paths]


def _page(height: int, width: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Black letters of random dots on white, in lines, float32 (H, W)."""
    lines, letters = height // (LINE[1] * DOT) + 1, width // (LETTER[1] * DOT) + 1
    dots = np.zeros((lines, LINE[1], letters, LETTER[1]), bool)
    drawn = random.random((lines, LINE[0], letters, LETTER[0])) < INK
    dots[:, 1 : 1 + LINE[0], :, : LETTER[0]] = drawn
    page = dots.reshape(lines * LINE[1], -1).repeat(DOT, 0).repeat(DOT, 1)[:height, :width]
    return np.where(page, -1, 1).astype(np.float32)
