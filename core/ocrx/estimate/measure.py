"""Measuring the peak performance of this machine's processor, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ocrx.errors import BackendError
from ocrx.estimate.devices import THIS_CPU, Device
from ocrx.names import Precision
from ocrx.system.cpus import available_cpus
from ocrx.system.processor import processor

SECONDS = 60
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")

ONE_THREAD = ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "BLIS", "NUMEXPR")
"""Libraries of linear algebra. X_NUM_THREADS in the environment limits the threads of each."""

PROBE = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
import numpy as np

cores = int(sys.argv[1])

def best(run, work, clock, repeats):
    run()
    found = 0.0
    for _ in range(repeats):
        started = clock()
        run()
        found = max(found, work / max(clock() - started, 1e-9))
    return found

def gemm():
    # One thread, in processor time: others on the machine, or a lack of cores, do not count.
    found = 0.0
    for rows, inner, columns in ((256, 256, 256), (256, 512, 256), (384, 384, 384), (512,) * 3):
        a, b = np.ones((rows, inner), np.float32), np.ones((inner, columns), np.float32)
        out = np.empty((rows, columns), np.float32)
        work = 2.0 * rows * inner * columns
        times = range(8)
        found = max(found, best(lambda: [np.matmul(a, b, out) for _ in times], 8 * work,
                                time.thread_time, 20))
    return found

def stream(size, inner, repeats):
    # All cores at once; copying counts what is read and what is written.
    pairs = [(np.ones(size, np.uint8), np.empty(size, np.uint8)) for _ in range(cores)]
    def copy(pair):
        for _ in range(inner):
            np.copyto(pair[1], pair[0])
    with ThreadPoolExecutor(cores) as pool:
        return best(lambda: list(pool.map(copy, pairs)), 2.0 * size * inner * cores,
                    time.perf_counter, repeats)

def cached():
    # One core, in processor time, on what its own cache holds; the cores share nothing then.
    a, b = np.ones(1 << 16, np.uint8), np.empty(1 << 16, np.uint8)
    def copy():
        for _ in range(200):
            np.copyto(b, a)
    return best(copy, 2.0 * 200 * a.size, time.thread_time, 12)

print(json.dumps([gemm(), stream(1 << 27, 1, 6), cached()]))
"""

WIDER: Mapping[Precision, Mapping[str, float]] = {
    "bf16": {"amx_bf16": 16, "bf16": 4, "avx512_bf16": 2},
    "fp16": {"avx512_fp16": 2, "fp16": 2},
    "int8": {"amx_int8": 32, "i8mm": 8, "": 4},
}
"""How many times the fp32 operations each instruction set does at most, by makers' optimisation
guides. The first that the processor has counts; every processor has ""."""


def this_cpu() -> Device:
    """This machine's processor, with the cores that this process may use.

    Matrix products in fp32 are measured on one core and multiplied by the number of cores. The
    bandwidth of memory and of each core's own cache is measured too. Lower precisions are derived
    from fp32 by `WIDER`. This takes some seconds. Raises BackendError if it cannot be measured.
    """
    cpu, cores = processor(), available_cpus()
    gemm, memory, cached = _probe(cores)
    fp32 = gemm * cores / 1e12
    tflops: dict[Precision, float] = {"fp32": fp32}
    for precision, sets in WIDER.items():
        factor = next((times for flag, times in sets.items() if flag in ("", *cpu.flags)), 1)
        tflops[precision] = fp32 * factor
    return Device(
        THIS_CPU,
        f"{cpu.name}, {cores} {'core' if cores == 1 else 'cores'}",
        tflops,
        memory / 1e9,
        last_level_cache(CACHES),
        "measured here: matrix products in fp32, copies of memory; other precisions by instruction "
        "set",
        cached * cores / 1e9,
    )


def last_level_cache(caches: Path) -> int:
    """The size in bytes of the first core's largest cache, which Linux lists in `caches`.

    If it is not listed, all memory is taken for cache. The estimate is then lower than it could be,
    but still a lower bound.
    """
    sizes = [file.read_text("ascii").strip() for file in caches.glob("index*/size")]
    units = {"K": 2**10, "M": 2**20}
    found = [int(size[:-1]) * units[size[-1]] for size in sizes if size[-1:] in units]
    return max(found, default=sys.maxsize)


def _probe(cores: int) -> tuple[float, float, float]:
    single = {f"{library}_NUM_THREADS": "1" for library in ONE_THREAD}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(cores)],
            capture_output=True,
            text=True,
            check=True,
            timeout=SECONDS,
            env={**os.environ, **single},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BackendError(
            f"this processor could not be measured: {_why(error)}", "Choose another `--device`."
        ) from error
    gemm, memory, cached = json.loads(done.stdout)
    return gemm, memory, cached


def _why(error: Exception) -> str:
    """What went wrong, without the probe's code, which is in what the error says itself."""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took more than {SECONDS} s"
    if isinstance(error, subprocess.CalledProcessError):
        said = error.stderr.strip().splitlines()
        return said[-1] if said else f"exit code {error.returncode}"
    return str(error)
