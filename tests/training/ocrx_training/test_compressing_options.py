"""The options of compressors that prune, distil and match."""

from __future__ import annotations

from typing import Any

import pytest

from ocrx_training.compressing.options import DistillOptions, MatchOptions, SparsifyOptions


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SparsifyOptions, {"sparsity": 1.0}),
        (SparsifyOptions, {"rounds": 0}),
        (SparsifyOptions, {"pattern": "2:4", "sparsity": 0.6}),
        (DistillOptions, {"steps": 0}),
        (MatchOptions, {"hints": 0}),
        (MatchOptions, {"hint_weight": -1.0}),
        (DistillOptions, {"student": "paddle", "architecture": "crnn"}),
        (DistillOptions, {"rounding": "int8", "architecture": "crnn"}),
    ],
)
def test_options_out_of_range(kind: type, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        kind(**values)
