"""Operations on each element by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.registry import op, plain

plain(
    Abs=torch.abs,
    Acos=torch.acos,
    Acosh=torch.acosh,
    Add=torch.add,
    Asin=torch.asin,
    Asinh=torch.asinh,
    Atan=torch.atan,
    Atanh=torch.atanh,
    Ceil=torch.ceil,
    Cos=torch.cos,
    Cosh=torch.cosh,
    Equal=torch.eq,
    Erf=torch.erf,
    Exp=torch.exp,
    Floor=torch.floor,
    Greater=torch.gt,
    GreaterOrEqual=torch.ge,
    HardSwish=functional.hardswish,
    IsNaN=torch.isnan,
    Less=torch.lt,
    LessOrEqual=torch.le,
    Log=torch.log,
    Mish=functional.mish,
    Mul=torch.mul,
    Neg=torch.neg,
    Not=torch.logical_not,
    And=torch.logical_and,
    Or=torch.logical_or,
    Xor=torch.logical_xor,
    Reciprocal=torch.reciprocal,
    Relu=torch.relu,
    Round=torch.round,
    Sigmoid=torch.sigmoid,
    Sign=torch.sign,
    Sin=torch.sin,
    Sinh=torch.sinh,
    Softsign=functional.softsign,
    Sqrt=torch.sqrt,
    Sub=torch.sub,
    Tan=torch.tan,
    Tanh=torch.tanh,
    Where=torch.where,
)


@op("Div")
def divide(a: Tensor, b: Tensor) -> Tensor:
    """Division; of integers it truncates towards zero."""
    if a.is_floating_point():
        return torch.div(a, b)
    return torch.div(a, b, rounding_mode="trunc")


@op("Pow")
def power(base: Tensor, exponent: Tensor) -> Tensor:
    return torch.pow(base, exponent).to(base.dtype)


@op("Mod")
def modulo(a: Tensor, b: Tensor, *, fmod: int = 0) -> Tensor:
    return torch.fmod(a, b) if fmod else torch.remainder(a, b)


@op("Sum")
def total(*xs: Tensor) -> Tensor:
    result = xs[0]
    for x in xs[1:]:
        result = result + x
    return result


@op("Mean")
def mean(*xs: Tensor) -> Tensor:
    return total(*xs) / len(xs)


@op("Max")
def maximum(*xs: Tensor) -> Tensor:
    result = xs[0]
    for x in xs[1:]:
        result = torch.maximum(result, x)
    return result


@op("Min")
def minimum(*xs: Tensor) -> Tensor:
    result = xs[0]
    for x in xs[1:]:
        result = torch.minimum(result, x)
    return result


@op("Clip", host=("min_", "max_"))
def clip(x: Tensor, min_: float | None = None, max_: float | None = None) -> Tensor:
    if min_ is None and max_ is None:
        return x
    return torch.clamp(x, min_, max_)


@op("Cast")
def cast(x: Tensor, *, to: torch.dtype, saturate: int = 1) -> Tensor:
    return x.to(to)


@op("CastLike")
def cast_like(x: Tensor, like: Tensor, *, saturate: int = 1) -> Tensor:
    return x.to(like.dtype)


@op("Identity")
def identity(x: Tensor) -> Tensor:
    return x


def _training(given: Mapping[str, Any]) -> str:
    training = given.get("training_mode")
    still = training is None or (isinstance(training, Tensor) and not training)
    return "" if still else "training_mode"


@op("Dropout", refuse=_training)
def dropout(
    x: Tensor,
    ratio: Tensor | float = 0.5,
    training_mode: Tensor | None = None,
    *,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    """Outside of training, the input itself and a mask that is all true."""
    return x, torch.ones_like(x, dtype=torch.bool)


@op("LeakyRelu")
def leaky_relu(x: Tensor, *, alpha: float = 0.01) -> Tensor:
    return functional.leaky_relu(x, alpha)


@op("PRelu")
def prelu(x: Tensor, slope: Tensor) -> Tensor:
    return torch.where(x < 0, x * slope, x)


@op("Elu")
def elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return functional.elu(x, alpha)


@op("Celu")
def celu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return functional.celu(x, alpha)


@op("Selu")
def selu(
    x: Tensor, *, alpha: float = 1.67326319217681884765625, gamma: float = 1.05070102214813232421875
) -> Tensor:
    return torch.where(x > 0, gamma * x, gamma * alpha * torch.expm1(x))


@op("Softplus")
def softplus(x: Tensor) -> Tensor:
    return functional.softplus(x)


@op("ThresholdedRelu")
def thresholded_relu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return functional.threshold(x, alpha, 0.0)


@op("Shrink")
def shrink(x: Tensor, *, bias: float = 0.0, lambd: float = 0.5) -> Tensor:
    moved = torch.where(x > lambd, x - bias, torch.zeros_like(x))
    return torch.where(x < -lambd, x + bias, moved)


@op("Gelu")
def gelu(x: Tensor, *, approximate: str = "none") -> Tensor:
    return functional.gelu(x, approximate=approximate)


@op("HardSigmoid")
def hard_sigmoid(x: Tensor, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    if is_torchs_hard_sigmoid({"alpha": alpha, "beta": beta}):
        return functional.hardsigmoid(x)
    return torch.clamp(x * alpha + beta, 0.0, 1.0)


def is_torchs_hard_sigmoid(given: Mapping[str, Any]) -> bool:
    """Whether a HardSigmoid with these attributes equals torch's."""
    alpha, beta = given.get("alpha", 0.2), given.get("beta", 0.5)
    return bool(beta == 0.5 and abs(alpha - 1 / 6) < 1e-6)


@op("IsInf")
def is_inf(x: Tensor, *, detect_negative: int = 1, detect_positive: int = 1) -> Tensor:
    found = torch.isinf(x)
    if not detect_negative:
        found = found & (x > 0)
    return found if detect_positive else found & (x < 0)


@op("QuantizeLinear", refuse=lambda given: "blocks" if given.get("block_size") else "")
def quantize(
    x: Tensor,
    scale: Tensor,
    zero: Tensor | None = None,
    *,
    axis: int = 1,
    saturate: int = 1,
    block_size: int = 0,
    output_dtype: torch.dtype | None = None,
) -> Tensor:
    to = zero.dtype if zero is not None else output_dtype or torch.uint8
    limits = torch.iinfo(to)
    steps = torch.round(x / _along(scale, x, axis))
    if zero is not None:
        steps = steps + _along(zero, x, axis)
    return torch.clamp(steps, limits.min, limits.max).to(to)


@op("DequantizeLinear", refuse=lambda given: "blocks" if given.get("block_size") else "")
def dequantize(
    x: Tensor, scale: Tensor, zero: Tensor | None = None, *, axis: int = 1, block_size: int = 0
) -> Tensor:
    steps = x.to(scale.dtype)
    if zero is not None:
        steps = steps - _along(zero, x, axis).to(scale.dtype)
    return steps * _along(scale, x, axis)


def _along(values: Tensor, x: Tensor, axis: int) -> Tensor:
    """One value, or one per place along an axis of `x`, shaped to broadcast with `x`."""
    if values.numel() == 1:
        return values.reshape(())
    shape = [1] * x.ndim
    shape[axis] = -1
    return values.reshape(shape)
