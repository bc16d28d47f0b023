"""Pictures with their texts, and batches of them as a recogniser encodes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from ocrx.interfaces.networks import CtcModel
from ocrx.types import Image
from ocrx_training.charset import Charset
from ocrx_training.finetuning.settings import Drawn
from ocrx_training.learning.batches import POOL, Lines
from ocrx_training.synth.drawing import Draughtsman
from ocrx_training.synth.options import SynthOptions

PADDINGS = (0, 0, 0, 32, 64, 96)
"""Columns by which a batch of training is padded beyond its width: where a line ends in its input
must not matter."""


class Example(NamedTuple):
    """A picture, RGB uint8 (H, W, 3), and its text, in characters of the charset."""

    picture: Image
    text: str


class Examples(Protocol):
    """What is learnt from: pools of examples by number, always the same for a number."""

    def pool(self, number: int, count: int) -> list[Example]:
        """About `count` examples."""
        ...


class DrawnExamples:
    """Examples that are drawn. Raises what `Draughtsman` raises."""

    def __init__(self, drawn: Sequence[Drawn], charset: Charset, seed: int) -> None:
        self._charset, self._seed = charset, seed
        self._draughtsmen = [Draughtsman(one.options) for one in drawn]
        shares = np.array([one.share for one in drawn])
        self._shares = shares / shares.sum()

    def pool(self, number: int, count: int) -> list[Example]:
        random = np.random.default_rng([self._seed, number])
        which = random.choice(len(self._shares), count, p=self._shares)
        drawn = (
            self._draughtsmen[one].draw(number * count + place)
            for place, one in enumerate(which.tolist())
        )
        return _folded(((one.picture, one.text) for one in drawn), self._charset)


def drawn_examples(options: SynthOptions, charset: Charset, count: int) -> list[Example]:
    """The first `count` pictures of those options."""
    draughtsman = Draughtsman(options)
    drawn = (draughtsman.draw(number) for number in range(count))
    return _folded(((one.picture, one.text) for one in drawn), charset)


def _folded(pairs: Iterator[tuple[Image, str]], charset: Charset) -> list[Example]:
    found = (Example(picture, charset.folded(text)) for picture, text in pairs)
    return [one for one in found if one.text]


class Encoder:
    """Batches of examples, encoded by the recogniser itself."""

    def __init__(self, model: CtcModel, charset: Charset) -> None:
        self._model, self._charset = model, charset

    def parts(
        self, examples: Sequence[Example], random: np.random.Generator
    ) -> Iterator[tuple[Sequence[Example], int]]:
        """POOL parts of similar widths, in random order, and the columns by which to pad each."""
        ordered = sorted(examples, key=self._width)
        bounds = np.linspace(0, len(ordered), POOL + 1).astype(int).tolist()
        order = random.permutation(POOL).tolist()
        for number in order:
            part = ordered[bounds[number] : bounds[number + 1]]
            if part:
                yield part, int(random.choice(PADDINGS))

    def reading(self, examples: Sequence[Example], size: int) -> list[Lines]:
        """Batches of at most `size` lines that the recogniser gives one shape."""
        groups: dict[tuple[int, int], list[Example]] = {}
        for one in examples:
            groups.setdefault(self._shape(one), []).append(one)
        return [
            self.batch(group[start : start + size], 0)
            for group in groups.values()
            for start in range(0, len(group), size)
        ]

    def _shape(self, example: Example) -> tuple[int, int]:
        return self._model.shape(*example.picture.shape[:2])

    def _width(self, example: Example) -> int:
        return self._shape(example)[1]

    def batch(self, examples: Sequence[Example], padding: int) -> Lines:
        """The examples in the shape of the widest, with so many more columns."""
        height, width = self._shape(max(examples, key=self._width))
        batch = self._model.encode([one.picture for one in examples], (height, width + padding))
        (pictures,) = batch.feeds.values()
        numbers = [self._charset.numbers(one.text) for one in examples]
        return Lines(
            torch.from_numpy(pictures),
            torch.tensor([number for row in numbers for number in row], dtype=torch.long),
            torch.tensor([len(row) for row in numbers], dtype=torch.long),
            tuple(one.text for one in examples),
        )
