"""Writes results over an operand that is no longer needed, instead of into new memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional

from ocrx_torch import onednn
from ocrx_torch.ops import elementwise, linear, reduce, shapes, windows
from ocrx_torch.rewrite import Rewriter, is_call, operands

# Operations whose result never shares memory with their inputs.
FRESH: tuple[Callable[..., Any], ...] = (
    torch.add,
    torch.mul,
    torch.sub,
    torch.relu,
    torch.sigmoid,
    functional.gelu,
    functional.hardswish,
    functional.silu,
    functional.linear,
    functional.layer_norm,
    elementwise.divide,
    elementwise.hard_sigmoid,
    linear.conv,
    linear.matmul,
    reduce.batch_norm,
    onednn.convolve,
    onednn.convolve_points,
    onednn.project,
    onednn.spread_points,
)
SAFE: tuple[Callable[..., Any], ...] = (
    *FRESH,
    shapes.concat,
    reduce.global_average,
    reduce.reduce_mean,
    windows.max_pool,
)
"""Operations whose result does not refer to the memory of their operands."""


def add_into(x: Tensor, other: Tensor) -> Tensor:
    return x.add_(other) if _fits(other, x) else x + other


def multiply_into(x: Tensor, other: Tensor) -> Tensor:
    return x.mul_(other) if _fits(other, x) else x * other


def _fits(other: Tensor, x: Tensor) -> bool:
    """Whether the result has the shape and type of `x`."""
    if other.dtype != x.dtype or other.ndim > x.ndim:
        return False
    sizes = x.shape[x.ndim - other.ndim :]
    return all(a in (1, b) for a, b in zip(other.shape, sizes, strict=True))


INTO: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.add: add_into,
    torch.mul: multiply_into,
}
ALONE: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.relu: torch.relu_,
    torch.sigmoid: torch.sigmoid_,
}


def reuse(module: fx.GraphModule) -> None:
    """Rewrite the graph in place; the caller recompiles the module."""
    rewriter = Rewriter(module)
    places = {node: place for place, node in enumerate(rewriter.graph.nodes)}
    fresh = set(rewriter.calls(*FRESH))
    for node in rewriter.calls(*INTO, *ALONE):
        sides = [node.args[0]] if is_call(node, *ALONE) else list(operands(node))
        target = next(into for plain, into in (ALONE | INTO).items() if plain is node.target)
        for x in sides:
            if x in fresh and _ends_with(x, node, places):
                others = [side for side in sides if side is not x]
                new = rewriter.replace(node, target, x, *(others or sides[1:]))
                places[new] = places[node]
                fresh.add(new)
                break
    rewriter.finish()


def _ends_with(x: Any, node: fx.Node, places: dict[fx.Node, int]) -> bool:
    """Whether the node is the last use of `x`, and no earlier use may still refer to its memory."""
    return all(
        user is node or (is_call(user, *SAFE) and places[user] < places[node]) for user in x.users
    )
