"""The options of recognisers of codes."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.plugins.options import CtcOptions


@dataclass(frozen=True)
class CodesOptions(CtcOptions):
    """`batch` is how many crops are read in one call."""

    batch: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch < 1:
            raise ValueError(f"batch must be at least 1, not {self.batch}")
