"""Types with a fixed set of values. The module imports nothing heavy, so that the command line
starts quickly."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Layout: TypeAlias = Literal["auto", "page", "line"]
"""What pictures are: "page", whose lines are to be found; "line", one line of text; or "auto", a
page unless the picture looks like a line cut out."""
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

Order: TypeAlias = Literal["blocks", "rows"]
"""The order of lines: by "blocks", columns one after the other; or by "rows", from side to side."""
ORDERS: tuple[Order, ...] = get_args(Order)

Task: TypeAlias = Literal["detection", "recognition", "orientation"]
"""What a model does: find lines, read them, or tell which way up they are."""

Tier: TypeAlias = Literal["fast", "balanced", "best"]
"""Which of several models for the same text one is: the quickest, the most accurate, or between."""
TIERS: tuple[Tier, ...] = get_args(Tier)

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "fp16", "int8"]
"""The numbers that a network is computed with. "auto" leaves the choice to the runtime."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
