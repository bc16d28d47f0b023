"""Which channels to remove so that a share of a network's operations goes."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import onnx

from ocrx_training.pruning.channels import Channels, Shape
from ocrx_training.pruning.rules import GATES
from ocrx_training.pruning.ties import Ids

WEIGHTED = ("Conv", "ConvTranspose", "MatMul", "Gemm", *GATES)

LEAST_STAYS = 0.85
"""The share of its channels that a layer keeps, for each part of the operations that stays. Of
PP-OCRv6 rec at 0.6 of its operations, layers that keep a fifth read 91.7 % of the characters of
drawn Latin lines; if they keep half, 95.5."""


class Operations:
    """The multiplications of a network by its constants, as shares of all."""

    def __init__(self, channels: Channels) -> None:
        weighted = [
            (node, str(name))
            for node in channels.model.graph.node
            if node.op_type in WEIGHTED
            for name in node.input[1 : 3 if node.op_type in GATES else 2]
            if name in channels.constants
        ]
        counts = [_count(node, name, channels.shapes) for node, name in weighted]
        total = max(sum(counts), 1)
        axes = defaultdict[str, list[Ids]](list)
        for (name, _), ids in channels.held.items():
            axes[name].append(channels.ties.roots(ids))
        self._parts = [
            (count / total, axes[name]) for count, (_, name) in zip(counts, weighted, strict=True)
        ]

    def left(self, gone: Iterable[int]) -> float:
        """The share that is left without these channels."""
        lost = np.array(sorted(gone), np.int64)
        return sum(
            share * float(np.prod([1 - np.isin(roots, lost).mean() for roots in axes]))
            for share, axes in self._parts
        )


def by_operations(
    ranked: Sequence[Sequence[int]],
    worth: Mapping[int, float],
    operations: Operations,
    ratio: float,
    multiple: int,
) -> list[int]:
    """How many channels of each layer go, so that a share `ratio` of the operations goes with them
    at the least loss of worth. `ranked` are the channels of layers, the worst first. What is left
    of a layer is a multiple of `multiple`."""
    most = [
        max(0, len(layer) - _rounded_up(LEAST_STAYS * (1 - ratio) * len(layer), multiple))
        for layer in ranked
    ]
    prices = []
    for number, (layer, count) in enumerate(zip(ranked, most, strict=True)):
        saved = 1 - operations.left(layer[:1])
        prices += [(worth[root] / max(saved, 1e-12), number) for root in layer[:count]]
    order = np.array([number for _, number in sorted(prices)], np.int64)

    def counts(taken: int) -> list[int]:
        wanted = np.bincount(order[:taken], minlength=len(ranked)).tolist()
        return [
            max(0, len(layer) - _rounded_up(len(layer) - count, multiple))
            for layer, count in zip(ranked, wanted, strict=True)
        ]

    def is_enough(taken: int) -> bool:
        gone = (root for layer, n in zip(ranked, counts(taken), strict=True) for root in layer[:n])
        return operations.left(gone) <= 1 - ratio

    return counts(bisect_left(range(len(order)), True, key=is_enough))


def _rounded_up(count: float, multiple: int) -> int:
    return int(np.ceil(count / multiple)) * multiple


def _count(node: onnx.NodeProto, name: str, shapes: Mapping[str, Shape]) -> int:
    """How often a node multiplies by a number of its constant."""
    made = shapes[node.output[0]]
    if node.op_type in GATES:
        places = made[0] * made[2]  # steps, pictures
    elif node.op_type == "ConvTranspose":
        given = shapes[node.input[0]]
        places = int(np.prod(given)) // given[1]
    else:
        places = int(np.prod(made)) // made[1 if node.op_type == "Conv" else -1]
    return places * int(np.prod(shapes[name]))
