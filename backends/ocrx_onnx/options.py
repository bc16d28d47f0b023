"""The options of `quantize`. Imports no runtime."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ocrx.artifacts import Format
from ocrx.names import Precision
from ocrx_onnx.schemes import INTEGER, SYMMETRIC, Scheme

Calibrators: TypeAlias = Literal["mse", "minmax", "percentile", "entropy"]
"""The names of calibrators."""

SAFE_LEVELS = 63
"""Steps of a weight with which sums of two products cannot exceed 16 bits."""


@dataclass(frozen=True)
class QuantizeOptions:
    """How a network is quantised.

    `mode`: "static" quantises weights, and activations with scales found on the pictures; "dynamic"
    quantises the weights of matrix products, and activations as they come; "fp16" halves all.
    `calibrator` finds the scales: with the least squared error ("mse"), for the largest value
    ("minmax"), for the value at `percentile`, or with the least divergence ("entropy"). `target` is
    what will compute: "cpu" takes uint8 activations, "gpu" int8 ones, as TensorRT does.
    `reduce_range` gives weights 7 bits, which processors without VNNI need to be exact. With a
    budget, `blocks` is the number of pieces of the network of which the most sensitive ones stay in
    fp32, as many as the budget asks for. `lstm` "int8" also rounds the weights of LSTMs, whose
    activations are scaled as they come.
    """

    mode: Literal["static", "dynamic", "fp16"] = "static"
    calibrator: Calibrators = "mse"
    percentile: float = 99.99
    target: Literal["cpu", "gpu"] = "cpu"
    reduce_range: bool = False
    blocks: int = 24
    lstm: Literal["fp32", "int8"] = "fp32"

    def __post_init__(self) -> None:
        if not 50 <= self.percentile <= 100:
            raise ValueError(f"percentile must be between 50 and 100, not {self.percentile}")
        if not 2 <= self.blocks <= 256:
            raise ValueError(f"blocks must be between 2 and 256, not {self.blocks}")

    @property
    def recurrent(self) -> tuple[str, ...]:
        """The recurrent operators whose weights are rounded."""
        return ("LSTM",) if self.lstm == "int8" else ()

    @property
    def makes(self) -> tuple[Format, Precision]:
        """The format and precision of what comes out."""
        if self.mode == "fp16":
            return "onnx", "fp16"
        return ("onnx-u8" if self.mode == "dynamic" or self.target == "cpu" else "onnx"), "int8"

    @property
    def scheme(self) -> Scheme:
        scheme = INTEGER if self.target == "cpu" else SYMMETRIC
        return replace(scheme, weight_levels=SAFE_LEVELS) if self.reduce_range else scheme
