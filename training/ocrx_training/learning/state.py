"""How far training is, and how well what it has reached reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ocrx_training.learning.checkpoints import Checkpoint, Point
from ocrx_training.learning.validation import Errors


@dataclass
class State:
    """What changes while training goes on: the steps that are done, the points of the curves, the
    least share of wrong characters, and the validations since then."""

    step: int = 0
    history: list[Point] = field(default_factory=list)
    best: float = math.inf
    since: int = 0

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> State:
        """What a checkpoint has kept."""
        return cls(checkpoint.step, list(checkpoint.history), checkpoint.best, checkpoint.since)

    def add(self, losses: list[float], errors: Errors | None) -> Point:
        """Take a point: the mean of the losses, which are cleared, and what validation gave."""
        mean = float(np.mean(losses)) if losses else math.nan
        losses.clear()
        if errors is None:
            point = Point(self.step, mean)
        else:
            point = Point(self.step, mean, errors.characters, errors.lines)
        self.history.append(point)
        return point

    def improved(self, errors: Errors) -> bool:
        """Take note of a validation; whether it was the best so far."""
        better = errors.characters < self.best
        self.best = min(self.best, errors.characters)
        self.since = 0 if better else self.since + 1
        return better
