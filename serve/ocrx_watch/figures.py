"""How fast it goes, and what was left out."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field

STEP = 1.02
"""Latencies are counted in classes, each so many times as long as the one before: they then take
little memory, however many there are."""


class Latencies:
    """How long frames took, in seconds."""

    def __init__(self) -> None:
        self._classes: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """One more."""
        self._classes[math.ceil(math.log(max(seconds, 1e-6), STEP))] += 1

    def percentile(self, share: float) -> float:
        """The time, within 2 %, that this share of frames did not exceed; 0 without frames."""
        left = share * self._classes.total()
        for name, count in sorted(self._classes.items()):
            left -= count
            if left <= 0:
                return float(STEP**name)
        return 0.0


@dataclass
class Figures:
    """What was counted since the start."""

    frames: int = 0
    dropped: int = 0
    objects: int = 0
    unmatched: int = 0
    cut: int = 0
    latencies: Latencies = field(default_factory=Latencies)
    started: float = field(default_factory=time.monotonic)

    def told(self) -> str:
        """A line for people."""
        spent = max(time.monotonic() - self.started, 1e-9)
        median, slowest = (self.latencies.percentile(share) * 1000 for share in (0.5, 0.99))
        return (
            f"{self.frames} frames read, {self.dropped} dropped, {self.objects} objects in "
            f"{spent:.1f} s ({self.frames / spent:.1f} frames and {self.objects / spent:.1f} "
            f"objects a second); latency p50 {median:.0f} ms, p99 {slowest:.0f} ms"
        )
