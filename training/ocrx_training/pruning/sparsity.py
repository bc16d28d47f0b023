"""Which weights of a network become zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from ocrx_training.finetuning.files import Head
from ocrx_training.finetuning.network import OnnxNetwork

GROUP, KEPT = 4, 2
"""Of 4 weights in a row, 2 stay: what sparse tensor cores of NVIDIA take (A. Mishra and others,
"Accelerating Sparse Deep Neural Networks", 2021, arXiv:2104.08378)."""

Masks = dict[str, NDArray[np.bool_]]
"""For constants by name, which of their weights stay."""


class Masked(OnnxNetwork):
    """A network some of whose weights are zero, whatever it learns."""

    def __init__(self, model: onnx.ModelProto, head: Head, name: str) -> None:
        super().__init__(model, head, name)
        self._masks: dict[str, torch.Tensor] = {}

    def mask(self, masks: Masks) -> None:
        """From now on, only these weights count."""
        self._masks = {name: torch.from_numpy(mask) for name, mask in masks.items()}

    def in_use(self) -> list[torch.Tensor]:
        return [
            weight * self._masks[name] if name in self._masks else weight
            for name, weight in zip(self.names, super().in_use(), strict=True)
        ]


def summed_axes(model: onnx.ModelProto) -> dict[str, int]:
    """The matrices and kernels of a network by name, and the axis of each that is summed over."""
    return {name: axis for node in model.graph.node for name, axis in _summed(node)}


def _summed(node: onnx.NodeProto) -> Iterator[tuple[str, int]]:
    if node.op_type == "Gemm":
        turned = any(one.name == "transB" and one.i for one in node.attribute)
        yield node.input[1], 1 if turned else 0
    elif node.op_type in ("Conv", "ConvTranspose", "MatMul"):
        yield node.input[1], 1 if node.op_type == "Conv" else 0
    elif node.op_type in ("LSTM", "GRU", "RNN"):
        yield from ((name, 2) for name in node.input[1:3])


def smallest_gone(weights: Mapping[str, NDArray[np.float32]], share: float) -> Masks:
    """Without that share of each constant, its smallest weights."""
    masks: Masks = {}
    for name, weight in weights.items():
        order = np.abs(weight).reshape(-1).argsort(kind="stable")
        mask = np.ones(weight.size, bool)
        mask[order[: int(share * weight.size)]] = False
        masks[name] = mask.reshape(weight.shape)
    return masks


def two_of_four(weights: Mapping[str, NDArray[np.float32]], axes: Mapping[str, int]) -> Masks:
    """Without the two smallest of each four weights along the axis that is summed over. Constants
    whose axis is no multiple of four are left out."""
    masks: Masks = {}
    for name, weight in weights.items():
        last = np.moveaxis(np.abs(weight), axes[name], -1)
        if last.shape[-1] % GROUP:
            continue
        groups = last.reshape(*last.shape[:-1], -1, GROUP)
        ranks = groups.argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable")
        mask = (ranks >= GROUP - KEPT).reshape(last.shape)
        masks[name] = np.ascontiguousarray(np.moveaxis(mask, -1, axes[name]))
    return masks
