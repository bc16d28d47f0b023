"""The machine that a run was made on."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

from ocrx.bench.data.extra import bench_module
from ocrx.bench.figures.result import MachineInfo
from ocrx.system.cpus import available_cpus
from ocrx.system.memory import total_memory
from ocrx.system.processor import processor

PREFIXES = (
    "OCRX_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_", "TBB_", "OV_", "ORT_", "ONNX_",
    "TORCH_", "PYTORCH_", "ATEN_", "DNNL_", "ONEDNN_", "CUDA_", "NVIDIA_", "TF_", "XNNPACK_",
    "FLAGS_", "MALLOC_", "PYTHONMALLOC", "PYTHONHASHSEED", "LD_PRELOAD",
)  # fmt: skip
"""Prefixes of environment variables that change how fast a runtime is, or what it does."""

PRIVATE = ("OCRX_CACHE_DIR",)
"""Left out: paths say nothing about the machine."""

SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")

CGROUP = Path("/sys/fs/cgroup")


def environment(machine: dict[str, Any]) -> MachineInfo:
    """This machine. `machine` is an `Inventory` as a dict, with the packages and devices found."""
    cpu = processor()
    return MachineInfo(
        system=platform.platform(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        cpu=cpu.name,
        cpu_flags=cpu.flags,
        cores=available_cpus(),
        memory_mb=round(total_memory() / 2**20),
        devices=tuple(machine["devices"]),
        packages=dict(machine["packages"]),
        variables={k: v for k, v in sorted(os.environ.items()) if _matters(k)},
    )


def free_mb() -> float:
    """The memory that is still available, on the machine and in its container, in MiB."""
    free = float(bench_module("psutil").virtual_memory().available)
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    if limit is not None and used is not None:
        free = min(free, limit - used + _cached())
    return free / 2**20


def _matters(name: str) -> bool:
    if name in PRIVATE or any(word in name for word in SECRET):
        return False
    return name.startswith(PREFIXES)


def _cached() -> int:
    """Bytes of the container's inactive file cache.

    They count as used, but the kernel frees them as soon as a process needs memory.
    """
    with suppress(OSError):
        for line in (CGROUP / "memory.stat").read_text("ascii").splitlines():
            name, _, value = line.partition(" ")
            if name == "inactive_file":
                return int(value)
    return 0


def _cgroup(name: str) -> int | None:
    """A number from the container's control group; None if it has no such limit."""
    try:
        return int((CGROUP / name).read_text("ascii"))
    except (OSError, ValueError):  # no such file, or "max"
        return None
