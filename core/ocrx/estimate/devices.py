"""The peak performance of devices. `devices.json` gives the source of each figure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ocrx.names import Precision

THIS_CPU = "this-cpu"


@dataclass(frozen=True)
class Device:
    """A device's peak performance.

    `tflops` is 10**12 operations per second by precision. A multiply-accumulate counts as two;
    matrices are dense, and sums are in the precision that is fastest. `bandwidth` is that of memory
    in 10**9 bytes per second, `cache` the size of the last-level cache in bytes, and
    `cache_bandwidth` that of the caches of the cores in 10**9 bytes per second, None if unknown.
    """

    name: str
    label: str
    tflops: Mapping[Precision, float]
    bandwidth: float
    cache: int
    source: str
    cache_bandwidth: float | None = None

    def beyond_cache(self, size: int) -> int:
        """How many of the `size` bytes that a layer reads or writes must pass through memory."""
        return max(0, size - self.cache)

    def transfer_ms(self, moved: int, touched: int) -> float:
        """The least milliseconds to move `moved` bytes from and to memory, and `touched` bytes
        through the cache."""
        memory = moved / (self.bandwidth * 1e6)
        return max(memory, touched / (self.cache_bandwidth * 1e6) if self.cache_bandwidth else 0.0)


@cache
def devices() -> Mapping[str, Device]:
    """All known devices by name. `measure` adds the processor of this machine."""
    table = files("ocrx.estimate").joinpath("devices.json").read_text("utf-8")
    return {one["name"]: _device(one) for one in json.loads(table)["devices"]}


def _device(row: Mapping[str, Any]) -> Device:
    return Device(
        row["name"],
        row["label"],
        row["tflops"],
        row["bandwidth_gb_s"],
        int(row["cache_mb"] * 2**20),
        row["source"],
    )
