"""The options of compressors that prune and distil. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocrx_training.pruning.choices import Importance, Scope

Rounding: TypeAlias = Literal["none", "int8", "int7"]


@dataclass(frozen=True)
class StepOptions:
    """How long and how fast a network learns on the user's pictures.

    `steps` batches of `batch` pictures, none for 0, with a `learning_rate` that rises and falls.
    `threads` are those of PyTorch; 0 leaves it to PyTorch.
    """

    steps: int = 400
    batch: int = 16
    learning_rate: float = 5e-4
    threads: int = 0

    def __post_init__(self) -> None:
        for name, least in (("steps", 0), ("batch", 1), ("threads", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.learning_rate <= 0:
            raise ValueError("learning_rate must be above 0")


@dataclass(frozen=True)
class LearningOptions(StepOptions):
    """How a network learns from texts and from a larger one. `distillation` is the weight of the
    larger network's posteriors beside a weight of 1 for the texts."""

    distillation: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.distillation < 0:
            raise ValueError("distillation must be at least 0")


@dataclass(frozen=True)
class MatchOptions(StepOptions):
    """How a pruned network learns to compute what the original computes.

    It is compared with the original at `hints` depths, each with a weight of `hint_weight`, beside
    a weight of 1 for what comes out.
    """

    steps: int = 1000
    hints: int = 5
    hint_weight: float = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.steps < 2 or self.hints < 1:
            raise ValueError("steps must be at least 2, hints at least 1")
        if self.hint_weight < 0:
            raise ValueError("hint_weight must be at least 0")


@dataclass(frozen=True)
class PruneOptions(LearningOptions):
    """How channels are removed.

    `ratio` is the share of channels that goes, of each layer or of all together, or the share of
    the network's operations (`scope`).
    `importance` is how much the loss on the user's lines would change without a channel, to first
    order ("taylor"), how much the layers that take it err when others make up for it ("obs"), the
    norm of its weights ("l1" or "l2"), or the scale of its batch
    normalisation; networks whose normalisations are merged have none of those. Of each layer a
    multiple of `multiple` channels stays, as processors compute so many at once. They go in
    `rounds`, with a share of the steps of learning after each.
    """

    ratio: float = 0.3
    scope: Scope = "global"
    importance: Importance = "taylor"
    multiple: int = 8
    rounds: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.ratio < 1:
            raise ValueError(f"ratio must be between 0 and 1, not {self.ratio}")
        if self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, not {self.rounds}")
        if self.multiple < 1:
            raise ValueError(f"multiple must be at least 1, not {self.multiple}")


@dataclass(frozen=True)
class SparsifyOptions(LearningOptions):
    """How weights become zero.

    `pattern` is "magnitude", the smallest weights of each layer, a share of `sparsity`, or "2:4",
    the two smallest of every four. Zeros come in so many `rounds`, fewer in each than in the one
    before, and the `steps` of learning are spread over them.
    """

    pattern: Literal["magnitude", "2:4"] = "magnitude"
    sparsity: float = 0.5
    rounds: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.sparsity < 1:
            raise ValueError(f"sparsity must be between 0 and 1, not {self.sparsity}")
        if self.pattern == "2:4" and (self.sparsity, self.rounds) != (0.5, 1):
            raise ValueError("with pattern 2:4, sparsity must be 0.5 and rounds 1")
        if self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, not {self.rounds}")

    def share(self, number: int) -> float:
        """The share of zeros after that round, from 0 on (M. Zhu, S. Gupta, "To prune, or not to
        prune", 2017, arXiv:1710.01878)."""
        return self.sparsity * float(1 - (1 - (number + 1) / self.rounds) ** 3)


@dataclass(frozen=True)
class DistillOptions(LearningOptions):
    """Who learns from the model: a `student`, NAME, NAME:VARIANT or a path; or a new network of an
    `architecture`, with the model's charset; or, if both are "", what the method before has made.
    """

    steps: int = 1000
    student: str = ""
    architecture: Literal["", "crnn"] = ""
    rounding: Rounding = "none"

    @property
    def levels(self) -> int:
        """The steps of rounded weights on one side of 0; 0 if they are not rounded."""
        return {"none": 0, "int8": 127, "int7": 63}[self.rounding]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rounding != "none" and self.architecture:
            raise ValueError("rounding must be none for a new network")
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, not {self.steps}")
        if self.student and self.architecture:
            raise ValueError("student and architecture must not both be given")
