"""Checking an estimated bound by a measurement on this machine."""

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
"""Rows and columns of square matrices. One of them fits the caches of any processor."""

PEAK_SECONDS = 0.4
SECONDS = 3.0
LEAST = 5
"""A session runs for this number of seconds, and at least this number of times."""


@dataclass(frozen=True)
class Check:
    """What a runtime took for a network whose estimate is `bound`. Times are milliseconds."""

    backend: str
    device: str
    precision: str
    runs: int
    fastest: float
    median: float
    bound: float

    @property
    def holds(self) -> bool:
        """Whether no run was faster than the bound."""
        return self.bound <= self.fastest

    @property
    def efficiency(self) -> float:
        """The bound in percent of the fastest run: 100 is as fast as is possible."""
        return 100 * self.bound / self.fastest


def times(session: Session, shapes: Mapping[str, Shape], seconds: float) -> list[float]:
    """The milliseconds of each run on random inputs, for `seconds`. The first is not counted.

    Raises what `session.run` raises.
    """
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
    """The device, with its peak raised to what `runtime` reaches in matrix products, if more.

    A runtime's matrix product is often faster than numpy's, by which the peak was measured. The
    peak is that of the precision the runtime runs in. Raises what opening and running a session
    raises.
    """
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
    """Run the session for some seconds and compare its fastest run with `bound`, in milliseconds.

    Raises what `session.run` raises.
    """
    found = times(session, shapes, SECONDS)
    return Check(
        backend, session.device, session.precision, len(found), min(found), median(found), bound
    )
