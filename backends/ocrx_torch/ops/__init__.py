"""The operations, grouped by kind. Importing this package registers them all."""

from __future__ import annotations

from ocrx_torch.ops import (
    elementwise,
    host,
    indexing,
    linear,
    recurrent,
    reduce,
    resize,
    shapes,
    windows,
)

__all__ = [
    "elementwise",
    "host",
    "indexing",
    "linear",
    "recurrent",
    "reduce",
    "resize",
    "shapes",
    "windows",
]
