"""Fuses what exporters have spread over several operations into the one that torch has for it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional

from ocrx_torch.ops import elementwise, linear, reduce
from ocrx_torch.ops.padding import same_pads
from ocrx_torch.rewrite import (
    Rewriter,
    given,
    is_call,
    only_user,
    operands,
    other_side,
    per_channel,
)


def fuse(module: fx.GraphModule) -> None:
    """Rewrite the graph in place. Results change only by rounding. The caller recompiles the
    module."""
    rewriter = Rewriter(module)
    for step in (
        _pad_convolutions,
        _drop_no_ops,
        _fold_into_convolutions,
        _gelu,
        _hard_swish,
        _swish,
        _layer_norm,
        _linear,
    ):
        step(rewriter)
    rewriter.finish()


def _pad_convolutions(rewriter: Rewriter) -> None:
    """Make "SAME" padding explicit. It depends on the input's size only with strides over 1."""
    for node in rewriter.calls(linear.conv):
        weight = rewriter.constant(given(node)["weight"])
        settings = given(node)
        mode = str(settings.get("auto_pad", "NOTSET"))
        if weight is None or not mode.startswith("SAME"):
            continue
        rank = weight.ndim - 2
        steps, spread = (
            settings.get("strides") or [1] * rank,
            settings.get("dilations") or [1] * rank,
        )
        if any(step != 1 for step in steps):
            continue
        settings["pads"] = same_pads([1 << 20] * rank, weight.shape[2:], steps, spread, mode)
        del settings["auto_pad"]
        node.kwargs = settings


def _drop_no_ops(rewriter: Rewriter) -> None:
    """Remove additions of 0 and multiplications by 1."""
    for node in rewriter.calls(torch.add, torch.mul):
        neutral = 0.0 if node.target is torch.add else 1.0
        for side in operands(node):
            held = rewriter.constant(side)
            x = other_side(node, side)
            if held is None or held.ndim > 1 or not held.is_floating_point():
                continue
            if rewriter.scalar(side) == neutral and rewriter.constant(x) is None:
                node.replace_all_uses_with(x)
                rewriter.graph.erase_node(node)
                break


def _fold_into_convolutions(rewriter: Rewriter) -> None:
    """Fold into a convolution the bias, factor or normalisation per channel that follows it."""
    for node in rewriter.calls(linear.conv, linear.conv_transpose):
        while (user := only_user(node)) is not None and _fold_one(rewriter, node, user):
            user.replace_all_uses_with(node)
            rewriter.graph.erase_node(user)


def _fold_one(rewriter: Rewriter, node: fx.Node, user: fx.Node) -> bool:
    weight = rewriter.constant(given(node)["weight"])
    bias = rewriter.constant(given(node).get("bias"))
    if weight is None or (bias is None and given(node).get("bias") is not None):
        return False
    transposed = is_call(node, linear.conv_transpose)
    channels = weight.shape[1] * int(given(node).get("group", 1)) if transposed else weight.shape[0]
    change = _affine(rewriter, node, user, weight.ndim)
    if change is None or any(c is not None and c.numel() not in (1, channels) for c in change):
        return False
    factor, shift = change
    bias = weight.new_zeros(channels) if bias is None else bias
    if factor is not None:
        factor = factor.expand(channels)
        bias = bias * factor
        weight = _scaled(weight, factor, transposed, int(given(node).get("group", 1)))
        node.update_kwarg("weight", rewriter.hold(weight, node))
    bias = bias if shift is None else bias + shift
    node.update_kwarg("bias", rewriter.hold(bias.contiguous(), node))
    return True


def _scaled(weight: Tensor, factor: Tensor, transposed: bool, group: int) -> Tensor:
    """The weights that give outputs `factor` times as large, channel by channel."""
    ones = [1] * (weight.ndim - 2)
    if not transposed:
        return weight * factor.reshape(-1, 1, *ones)
    parts = weight.reshape(group, -1, *weight.shape[1:]) * factor.reshape(group, 1, -1, *ones)
    return parts.reshape(weight.shape)


def _affine(
    rewriter: Rewriter, node: fx.Node, user: fx.Node, rank: int
) -> tuple[Tensor | None, Tensor | None] | None:
    """The factor and the summand, per channel, that `user` applies to the node. None if it does
    anything else."""
    if is_call(user, reduce.batch_norm):
        names = ("scale", "bias", "mean", "variance")
        held = [rewriter.constant(given(user)[name]) for name in names]
        scale, bias, mean, variance = held
        if scale is None or bias is None or mean is None or variance is None:
            return None
        factor = scale / torch.sqrt(variance + float(given(user).get("epsilon", 1e-5)))
        return factor, bias - mean * factor
    if not is_call(user, torch.add, torch.mul) or other_side(user, node) is node:
        return None
    vector = per_channel(rewriter.constant(other_side(user, node)), rank)
    if vector is None or not vector.is_floating_point():
        return None
    return (None, vector) if user.target is torch.add else (vector, None)


def _gelu(rewriter: Rewriter) -> None:
    """Fuse x * (1 + erf(x / sqrt(2))) / 2, wherever the division by 2 is."""
    for erf in rewriter.calls(torch.erf):
        x = _scaled_by(rewriter, erf.args[0], math.sqrt(0.5))
        one = only_user(erf)
        if x is None or one is None or not is_call(one, torch.add):
            continue
        if rewriter.scalar(other_side(one, erf)) != 1.0:
            continue
        product = only_user(one)
        if product is None or not is_call(product, torch.mul):
            continue
        rest = other_side(product, one)
        if rest is x:
            last = only_user(product)
            if last is not None and _scaled_by(rewriter, last, 0.5) is product:
                rewriter.replace(last, functional.gelu, x)
        elif _scaled_by(rewriter, rest, 0.5) is x:
            rewriter.replace(product, functional.gelu, x)


def _scaled_by(rewriter: Rewriter, node: Any, factor: float) -> fx.Node | None:
    """x, if the node is x * factor, or the same written as a division."""
    if not is_call(node, torch.mul, elementwise.divide):
        return None
    first, second = operands(node)
    found = rewriter.scalar(second)
    if found is None and node.target is torch.mul:
        first, found = second, rewriter.scalar(first)
    if not found or not isinstance(first, fx.Node):
        return None
    found = 1 / found if node.target is elementwise.divide else found
    return first if math.isclose(found, factor, rel_tol=1e-5) else None


def _hard_swish(rewriter: Rewriter) -> None:
    """Fuse x * hardsigmoid(x) and x * clip(x + 3, 0, 6) / 6."""
    for gate in rewriter.calls(elementwise.hard_sigmoid):
        x, product = given(gate)["x"], only_user(gate)
        sixth = math.isclose(float(given(gate).get("alpha", 0.2)), 1 / 6, rel_tol=1e-6)
        if product is None or not sixth or given(gate).get("beta", 0.5) != 0.5:
            continue
        if is_call(product, torch.mul) and other_side(product, gate) is x:
            rewriter.replace(product, functional.hardswish, x)
    for gate in rewriter.calls(elementwise.clip):
        moved, product = given(gate)["x"], only_user(gate)
        if (given(gate).get("min_"), given(gate).get("max_")) != (0.0, 6.0) or product is None:
            continue
        if not is_call(moved, torch.add) or not is_call(product, torch.mul):
            continue
        x, last = other_side(product, gate), only_user(product)
        if x not in operands(moved) or rewriter.scalar(other_side(moved, x)) != 3.0:
            continue
        if last is not None and _scaled_by(rewriter, last, 1 / 6) is product:
            rewriter.replace(last, functional.hardswish, x)


def _swish(rewriter: Rewriter) -> None:
    """Fuse x * sigmoid(x)."""
    for gate in rewriter.calls(torch.sigmoid):
        product = only_user(gate)
        if product is None or not is_call(product, torch.mul):
            continue
        if other_side(product, gate) is gate.args[0]:
            rewriter.replace(product, functional.silu, gate.args[0])


def _layer_norm(rewriter: Rewriter) -> None:
    """Fuse (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis."""
    for root in rewriter.calls(torch.sqrt):
        found = _deviation(rewriter, root.args[0])
        quotient = only_user(root)
        if found is None or quotient is None or not is_call(quotient, elementwise.divide):
            continue
        x, centred, epsilon = found
        if operands(quotient) != (centred, root):
            continue
        scaled = only_user(quotient)
        moved = only_user(scaled) if scaled is not None else None
        if scaled is None or moved is None:
            continue
        if not is_call(scaled, torch.mul) or not is_call(moved, torch.add):
            continue
        sides = other_side(scaled, quotient), other_side(moved, scaled)
        weight, bias = map(rewriter.constant, sides)
        if weight is None or bias is None or weight.shape != bias.shape or weight.ndim != 1:
            continue
        rewriter.replace(moved, functional.layer_norm, x, list(weight.shape), *sides, epsilon)


def _deviation(rewriter: Rewriter, node: Any) -> tuple[Any, fx.Node, float] | None:
    """(x, x - mean, epsilon), if the node is the variance of x plus epsilon, else None."""
    if not is_call(node, torch.add):
        return None
    variance, epsilon = operands(node)[0], rewriter.scalar(operands(node)[1])
    if epsilon is None or not _is_mean(variance):
        return None
    squares = given(variance)["x"]
    if not is_call(squares, elementwise.power) or rewriter.scalar(given(squares)["exponent"]) != 2:
        return None
    centred = given(squares)["base"]
    if not is_call(centred, torch.sub):
        return None
    x, mean = operands(centred)
    return (x, centred, epsilon) if _is_mean(mean) and given(mean)["x"] is x else None


def _is_mean(node: Any) -> bool:
    """Whether the node is a mean over the last axis that keeps the axis."""
    if not is_call(node, reduce.reduce_mean):
        return False
    axes = given(node).get("axes")  # a node, where they are computed
    last = isinstance(axes, list | tuple) and tuple(axes) == (-1,)
    return last and given(node).get("keepdims", 1) == 1


def _linear(rewriter: Rewriter) -> None:
    """Fuse a product with a constant matrix and the bias that may follow."""
    for node in rewriter.calls(linear.matmul):
        matrix = rewriter.constant(given(node)["b"])
        if matrix is None or matrix.ndim != 2:
            continue
        last, bias, user = node, None, only_user(node)
        if user is not None and is_call(user, torch.add):
            side = other_side(user, node)
            held = rewriter.constant(side)
            if held is not None and held.shape == matrix.shape[1:]:
                last, bias = user, side
        weight = rewriter.hold(matrix.t().contiguous(), node)
        rewriter.replace(last, functional.linear, given(node)["a"], weight, bias)
