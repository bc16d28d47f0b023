"""A torch network with named inputs and outputs, before it is placed on a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ocrx.types import TensorSpec


@dataclass(frozen=True)
class TorchNetwork:
    """`module` takes the inputs in order, as tensors, and returns the outputs in order, as a tuple
    or, if there is one, as a tensor.

    The operations of an fx.GraphModule can be seen and rewritten; those of other modules cannot.
    """

    module: torch.nn.Module
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def __call__(self, *inputs: Tensor) -> Sequence[Tensor]:
        result = self.module(*inputs)
        return (result,) if isinstance(result, Tensor) else result
