"""Which parts of a network int8 hurts most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ocrx.interfaces.feeds import Feeds
from ocrx.types import Tensor
from ocrx_onnx.graph import run
from ocrx_onnx.qdq import rounded
from ocrx_onnx.scales import Scales
from ocrx_onnx.schemes import Scheme

if TYPE_CHECKING:
    import onnx

SMALLEST = 1e-7
"""Probabilities below this count as this."""


@dataclass(frozen=True)
class Block:
    """Neighbouring nodes of a network, and how far its outputs diverge if only they are rounded."""

    nodes: tuple[onnx.NodeProto, ...]
    damage: float

    @property
    def told(self) -> str:
        """The first and the last node, for people."""
        first, last = self.nodes[0].name, self.nodes[-1].name
        return first if first == last else f"{first} to {last}"


def blocks_by_damage(
    model: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    *,
    count: int,
    scales: Scales,
    scheme: Scheme,
    trials: Sequence[Feeds],
    tell: Callable[[float], None],
) -> list[Block]:
    """The nodes, in the order of the graph, in at most `count` blocks; the most sensitive first."""
    expected = list(run(model, trials))
    parts = np.array_split(np.arange(len(nodes)), min(count, len(nodes)))
    found = []
    for number, part in enumerate(parts):
        tell(number / len(parts))
        some = tuple(nodes[int(index)] for index in part)
        outputs = run(rounded(model, scales, some, scheme), trials)
        damage = float(np.mean([divergence(a, b) for a, b in zip(expected, outputs, strict=True)]))
        found.append(Block(some, damage))
    return sorted(found, key=lambda block: -block.damage)


def divergence(expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> float:
    """How far the outputs of one call diverge: for distributions along the last axis and for maps
    of probabilities the mean Kullback-Leibler divergence, for others 1 minus the cosine."""
    return float(np.mean([_divergence(values, found[name]) for name, values in expected.items()]))


def _divergence(expected: Tensor, found: Tensor) -> float:
    p, q = expected.astype(np.float64), found.astype(np.float64)
    if p.size and p.min() >= 0 and p.max() <= 1 + 1e-4:
        if np.allclose(p.sum(-1), 1, atol=1e-2):
            return float(_kl(p, q).sum(-1).mean())
        return float((_kl(p, q) + _kl(1 - p, 1 - q)).mean())
    size = float(np.linalg.norm(p) * np.linalg.norm(q))
    return 1 - float((p * q).sum()) / size if size else float(np.abs(p - q).sum())


def _kl(p: Tensor, q: Tensor) -> Tensor:
    p, q = np.maximum(p, SMALLEST), np.maximum(q, SMALLEST)
    return np.asarray(p * np.log(p / q))
