"""The networks by name, and what each learns by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from torch import Tensor, nn

from ocrx_training.learning.batches import Lines
from ocrx_training.learning.losses import ctc, placed
from ocrx_training.networks.crnn import Crnn
from ocrx_training.networks.detr import Detr


class Architecture(NamedTuple):
    """`make` makes a network for a number of classes. `loss` takes a batch, the network's logits,
    and how much to tell where characters are, from 1 to 0."""

    make: Callable[[int], nn.Module]
    loss: Callable[[Lines, Tensor, float], Tensor]


NETWORKS: Mapping[str, Architecture] = MappingProxyType(
    {"crnn": Architecture(Crnn, ctc), "detr": Architecture(Detr, placed)}
)
