"""Types with a fixed set of values. The module imports nothing heavy, so that the command line
starts quickly."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Layout: TypeAlias = Literal["auto", "page", "line"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

Order: TypeAlias = Literal["blocks", "rows"]
ORDERS: tuple[Order, ...] = get_args(Order)

Task: TypeAlias = Literal["detection", "recognition", "orientation"]

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "fp16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
