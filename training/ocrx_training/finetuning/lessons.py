"""What a network learns from: batches of pictures, with what a teacher says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from ocrx_training.finetuning.examples import Encoder, Example
from ocrx_training.finetuning.origin import Lower, Teacher
from ocrx_training.learning.batches import Lines

KEPT = 64
"""Classes of each step that are kept of what a teacher says. All of a charset of 18,710 would take
9 GB for 4,096 lines, and those after the first 64 have a thousandth of the probability."""


class Told(NamedTuple):
    """What a teacher says at each step: the classes that are most probable, the first of them
    first, int32 (N, T, K), and their probabilities, fp16 (N, T, K)."""

    classes: torch.Tensor
    probabilities: torch.Tensor


class Known(NamedTuple):
    """A batch in fp16, and what the teacher says of it."""

    lines: Lines
    told: Told


class Lessons(Protocol):
    """Makes batches of examples."""

    def training(self, examples: Sequence[Example], random: np.random.Generator) -> list[Known]:
        """Batches of similar widths, in random order."""
        ...

    def reading(self, examples: Sequence[Example], size: int) -> list[Lines]:
        """Batches of at most `size` lines, as readers make them."""
        ...


def told(probabilities: torch.Tensor) -> Told:
    """The KEPT most probable of all classes, whose probabilities are floats (N, T, classes)."""
    values, classes = probabilities.topk(min(KEPT, probabilities.shape[2]))
    return Told(classes.int(), values.half())


class OwnLessons:
    """Lessons of the recogniser as it was. Features of its lower part stand for pictures."""

    def __init__(self, encoder: Encoder, lower: Lower, teacher: Teacher) -> None:
        self._encoder, self._lower, self._teacher = encoder, lower, teacher

    def training(self, examples: Sequence[Example], random: np.random.Generator) -> list[Known]:
        batches = (
            self._lowered(self._encoder.batch(part, padding))
            for part, padding in self._encoder.parts(examples, random)
        )
        return [Known(lines, told(self._teacher(lines.pictures.float()))) for lines in batches]

    def reading(self, examples: Sequence[Example], size: int) -> list[Lines]:
        return [self._lowered(lines) for lines in self._encoder.reading(examples, size)]

    def _lowered(self, lines: Lines) -> Lines:
        features = torch.from_numpy(self._lower(lines.pictures.numpy()))
        return lines._replace(pictures=features.half())
