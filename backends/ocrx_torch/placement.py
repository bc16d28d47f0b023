"""Where a network runs, and in which form it takes its inputs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Placement:
    """`dtype` is the type that floating-point inputs are cast to (None leaves them as they are);
    `channels_last` says whether inputs of four axes are laid out with the channels last."""

    device: torch.device
    dtype: torch.dtype | None = None
    channels_last: bool = False

    def fit(self, x: Tensor) -> Tensor:
        """The input as the network takes it, still on the device it came from."""
        if self.dtype is not None and x.is_floating_point():
            x = x.to(self.dtype)
        if self.channels_last and x.ndim == 4:
            x = x.contiguous(memory_format=torch.channels_last)
        return x
