"""What a user may set of the PyTorch backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TorchOptions:
    """`cuda_graphs` is the number of input shapes for which a session on a CUDA device records its
    work as a graph to replay. The shapes used longest ago are dropped first; 0 records none."""

    cuda_graphs: int = 16
