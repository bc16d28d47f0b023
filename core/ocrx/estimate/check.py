"""A bound held against a measurement on this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from ocrx.estimate.graph import Shape
from ocrx.interfaces import Session

SECONDS = 3.0
LEAST = 5
"""A session runs for so long, and so many times at least."""


@dataclass(frozen=True)
class Check:
    """What a runtime took, in milliseconds, for what was estimated at `bound`."""

    backend: str
    device: str
    precision: str
    runs: int
    fastest: float
    median: float
    bound: float

    @property
    def holds(self) -> bool:
        """Whether the bound is one."""
        return self.bound <= self.fastest

    @property
    def efficiency(self) -> float:
        """The bound's share of the fastest run, in percent: 100 is as fast as can be."""
        return 100 * self.bound / self.fastest


def times(session: Session, shapes: Mapping[str, Shape], seconds: float) -> list[float]:
    """Milliseconds of run after run on noise, after a first one that is not counted."""
    random = np.random.default_rng(0)
    feeds = {
        one.name: random.random(shapes[one.name], np.float32).astype(one.dtype)
        for one in session.inputs
    }
    session.run(feeds)
    found: list[float] = []
    end = time.perf_counter() + seconds
    while len(found) < LEAST or time.perf_counter() < end:
        started = time.perf_counter()
        session.run(feeds)
        found.append((time.perf_counter() - started) * 1000)
    return found


def checked(session: Session, backend: str, shapes: Mapping[str, Shape], bound: float) -> Check:
    """Run the session for some seconds and hold `bound` against its fastest run."""
    found = times(session, shapes, SECONDS)
    return Check(
        backend, session.device, session.precision, len(found), min(found), median(found), bound
    )
