"""What users choose of pruning. Imports no torch."""

from __future__ import annotations

from typing import Literal, TypeAlias

Importance: TypeAlias = Literal["taylor", "obs", "l1", "l2", "batchnorm"]
"""What tells how much a channel matters."""

Scope: TypeAlias = Literal["layer", "global", "operations"]
"""Whether channels compete within their layer, with those of all layers, or with all by what they
matter for each operation that goes with them."""
