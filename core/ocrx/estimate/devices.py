"""What devices can do at their best, each figure with its source (`devices.json`)."""

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
    """A device's peaks: `tflops`, 10**12 operations a second by precision (a multiply-accumulate is
    two; dense matrices; sums in the precision that is fastest), `bandwidth`, 10**9 bytes a second
    of memory, `cache`, the bytes of its last-level cache, and `cache_bandwidth`, 10**9 bytes a
    second of the caches next to the cores, None where nobody says."""

    name: str
    label: str
    tflops: Mapping[Precision, float]
    bandwidth: float
    cache: int
    source: str
    cache_bandwidth: float | None = None

    def beyond_cache(self, size: int) -> int:
        """So many of `size` bytes that a layer reads, or writes, must come from or reach memory."""
        return max(0, size - self.cache)

    def transfer_ms(self, moved: int, touched: int) -> float:
        """The least time for `moved` bytes from and to memory, and `touched` ones through the
        cache."""
        memory = moved / (self.bandwidth * 1e6)
        return max(memory, touched / (self.cache_bandwidth * 1e6) if self.cache_bandwidth else 0.0)


@cache
def devices() -> Mapping[str, Device]:
    """All known, by name; the processor of this machine is not among them: see `measure`."""
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
