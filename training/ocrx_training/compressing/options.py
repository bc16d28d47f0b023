"""The options of compressors that prune and distil. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Importance: TypeAlias = Literal["taylor", "l1", "l2", "batchnorm"]
"""What tells how much a channel matters."""

Scope: TypeAlias = Literal["layer", "global"]
"""Whether channels compete within their layer, or with those of all layers."""


@dataclass(frozen=True)
class LearningOptions:
    """How a network learns on the user's pictures from a larger one.

    `steps` batches of `batch` pictures, none for 0, with a `learning_rate` that rises and falls.
    `distillation` is the weight of the larger network's posteriors beside a weight of 1 for the
    texts. `threads` are those of PyTorch; 0 leaves it to PyTorch.
    """

    steps: int = 400
    batch: int = 16
    learning_rate: float = 5e-4
    distillation: float = 1.0
    threads: int = 0

    def __post_init__(self) -> None:
        for name, least in (("steps", 0), ("batch", 1), ("threads", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.learning_rate <= 0 or self.distillation < 0:
            raise ValueError("learning_rate must be above 0, distillation at least 0")


@dataclass(frozen=True)
class PruneOptions(LearningOptions):
    """How channels are removed.

    `ratio` is the share of channels that goes, of each layer or of all together (`scope`).
    `importance` is how much the loss on the user's lines would change without a channel, to first
    order ("taylor"), the norm of its weights ("l1" or "l2"), or the scale of its batch
    normalisation; networks whose normalisations are merged have none of those. Of each layer a
    multiple of `multiple` channels stays, as processors compute so many at once.
    """

    ratio: float = 0.3
    scope: Scope = "layer"
    importance: Importance = "taylor"
    multiple: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.ratio < 1:
            raise ValueError(f"ratio must be between 0 and 1, not {self.ratio}")
        if self.multiple < 1:
            raise ValueError(f"multiple must be at least 1, not {self.multiple}")
