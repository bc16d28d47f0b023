"""How a run measures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import Metric
from ocrx.errors import UsageError
from ocrx.names import Layout


@dataclass(frozen=True)
class Settings:
    """How cells are measured.

    In each of the `rounds` every picture is read by itself; up to three more rounds read all
    pictures in one call. A cell may work for `time_limit` seconds in all, and is measured by the
    rounds that it has completed by then. Warming up ends after `warm_seconds`.

    `layout` None means "line" for datasets of lines and "page" for others. `options` are those of
    Reader, and `reading` are more of its arguments by name: `patterns`, `charset`, `views`.
    `metrics` add figures, by name. `parity` False leaves out the
    comparison with the reference runtime. Without `download` nothing is downloaded.

    Raises UsageError for fewer rounds than one, or a time limit that is not positive.
    """

    rounds: int = 5
    time_limit: float = 600.0
    warm_seconds: float = 20.0
    folding: Folding = field(default_factory=Folding)
    layout: Layout | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    parity: bool = True
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    download: bool = False

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise UsageError(f"there cannot be {self.rounds} rounds", "Give 1 or more.")
        if self.time_limit <= 0:
            raise UsageError(
                f"the time limit cannot be {self.time_limit:g} s", "Give a positive number."
            )

    @property
    def together(self) -> int:
        """How many rounds read all pictures in one call."""
        return min(self.rounds, 3)

    def layout_of(self, dataset: Dataset) -> Layout:
        return self.layout or ("line" if dataset.kind == "lines" else "page")

    def lasting(self, dataset: Dataset) -> dict[str, str]:
        """The settings that must not change for a run to be continued: all but the time limit and
        the metrics."""
        told = self.told(dataset)
        free = ("time limit", "metrics")
        return {name: value for name, value in told.items() if name not in free}

    def told(self, dataset: Dataset) -> dict[str, str]:
        """The settings as a result states them, by name."""
        return {
            "rounds": str(self.rounds),
            "time limit": f"{self.time_limit:g} s",
            "warm-up": f"{self.warm_seconds:g} s at most",
            "layout": self.layout_of(dataset),
            "folding": self.folding.text,
            "options": json.dumps(self.options, sort_keys=True) if self.options else "none",
            **{name: json.dumps(value) for name, value in self.reading.items()},
            "parity": "measured" if self.parity else "not measured",
            **({"metrics": ", ".join(self.metrics)} if self.metrics else {}),
        }
