"""How busy other programs kept the machine while a cell was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ocrx.bench.data.extra import bench_module

IDLE = ("idle", "iowait", "guest", "guest_nice")  # guests are in user and nice already


@contextmanager
def others_share() -> Iterator[Callable[[float], float]]:
    """A context that measures how busy the machine is. It yields a function to call afterwards.

    The function takes the milliseconds of processor time that the cell used in the context, and
    returns the percentage of all processors that other programs used: 0 on a quiet machine.
    """
    psutil = bench_module("psutil")
    processors = psutil.cpu_count() or 1
    busy, started = _busy(psutil.cpu_times()), time.perf_counter()
    found: list[float] = []

    def share(own: float) -> float:
        others, seconds = found
        return max(0.0, 100 * (others - own / 1000) / (seconds * processors))

    yield share
    found[:] = _busy(psutil.cpu_times()) - busy, time.perf_counter() - started


def _busy(times: object) -> float:
    fields: tuple[str, ...] = getattr(times, "_fields", ())
    return float(sum(getattr(times, name) for name in fields if name not in IDLE))
