"""A bound held against a measurement on this machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np

from ocrx.artifacts import Artifact, ModelSpec, Source
from ocrx.estimate.devices import Device
from ocrx.interfaces.inspection import Inspector, Shape
from ocrx.interfaces.runtimes import Backend, Session, SessionOptions
from ocrx.names import Precision

SIZES = (256, 512, 1024)
"""Of matrices: whatever caches a processor has, one of these shows what it can do."""

PEAK_SECONDS = 0.4
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


def raised(
    device: Device, inspector: Inspector, runtime: Backend, options: SessionOptions
) -> Device:
    """The device, with the peak of the precision that the runtime runs in raised to what it does in
    matrix products, if that is more: its own are often better than those of numpy."""
    peaks: dict[Precision, float] = dict(device.tflops)
    form = inspector.accepts[0]
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder, f"product-{size}.{form}")
            inspector.product(path, size)
            spec = ModelSpec(path.stem, "recognition", {form: Source(path.name, path=path)})
            with runtime.open(Artifact(path, form, spec), options) as session:
                shapes = {one.name: (size, size) for one in session.inputs}
                fastest = min(times(session, shapes, PEAK_SECONDS))
                precision = cast("Precision", session.precision)
            peaks[precision] = max(peaks.get(precision, 0.0), 2 * size**3 / fastest / 1e9)
    told = f"{device.source}; matrix products on {runtime.name}"
    return replace(device, tflops=peaks, source=told)


def checked(session: Session, backend: str, shapes: Mapping[str, Shape], bound: float) -> Check:
    """Run the session for some seconds and hold `bound` against its fastest run."""
    found = times(session, shapes, SECONDS)
    return Check(
        backend, session.device, session.precision, len(found), min(found), median(found), bound
    )
