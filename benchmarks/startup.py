"""Measure how long ocrx takes to be ready: a whole process, and the sessions of each runtime.

    python benchmarks/startup.py --rounds 5

Every figure is from a new process. In every round each kind of process runs once, in turn, so that
a change of the machine's speed affects all alike. The figures are medians in milliseconds, of
elapsed time and of processor time. There are two kinds:

- `ocrx read PICTURE`, from beginning to end: Python, imports, opening models, reading;
- for each runtime, `imports` (importing ocrx), `runtime` (importing the runtime), `open` (the
  sessions of detection and recognition, opened side by side as a reader does), `first` (reading the
  first picture) and `next` (reading another).

The cache is the user's, with the converters that are installed there. With `--cold` it is another
one, emptied before each process. The first round does not count. It fills the cache, and also a
cache of Python's bytecode, which an installation has too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PICTURE = Path(__file__).parents[1] / "examples" / "label.png"
RUNTIMES = ["openvino", "onnxruntime", "torch", "tflite", "paddle"]
STAGES = ("imports", "runtime", "open", "first", "next")


def stages(backend: str) -> dict[str, tuple[float, float]]:
    """The elapsed and the processor milliseconds of each stage, in this process."""
    spent = {}
    clock, processor = time.perf_counter(), time.process_time()

    def lap(name: str) -> None:
        nonlocal clock, processor
        now, used = time.perf_counter(), time.process_time()
        spent[name] = (1000 * (now - clock), 1000 * (used - processor))
        clock, processor = now, used

    from ocrx.plugins.registry import load_plugins
    from ocrx.reading.assembly import Assembly
    from ocrx.reading.reader import Reader
    from ocrx.weights.store import Store

    lap("imports")
    Assembly(load_plugins(), Store()).backend(backend).probe()
    lap("runtime")
    with Reader(backend=backend) as reader:
        lap("open")
        reader.read(PICTURE)
        lap("first")
        reader.read(PICTURE)
        lap("next")
    return spent


def command_line(surroundings: dict[str, str]) -> tuple[float, float]:
    """The elapsed and the processor milliseconds of `ocrx read`."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "ocrx_cli", "read", str(PICTURE)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=surroundings)
    elapsed = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * elapsed, 1000 * used


def runtime(backend: str, surroundings: dict[str, str]) -> dict[str, tuple[float, float]]:
    command = [sys.executable, __file__, "--stages", backend]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=surroundings)
    spent: dict[str, tuple[float, float]] = json.loads(done.stdout)
    return spent


def environment(folder: str, *, cold: bool) -> dict[str, str]:
    """This process's environment, with Python's cache in `folder`; if `cold`, also ocrx's."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    ours = {"OCRX_CACHE_DIR": f"{folder}/ocrx"} if cold else {}
    return {**kept, **ours, "PYTHONPYCACHEPREFIX": f"{folder}/python"}


def measure(backends: list[str], rounds: int, *, cold: bool, folder: str) -> None:
    whole: list[tuple[float, float]] = []
    parts: dict[str, list[dict[str, tuple[float, float]]]] = {name: [] for name in backends}
    surroundings = environment(folder, cold=cold)

    def fresh() -> None:
        if cold:
            shutil.rmtree(f"{folder}/ocrx", ignore_errors=True)

    for number in range(rounds + 1):
        fresh()
        one = command_line(surroundings)
        per_backend = {}
        for name in backends:
            fresh()
            per_backend[name] = runtime(name, surroundings)
        if number:
            whole.append(one)
            for name, spent in per_backend.items():
                parts[name].append(spent)
    print(f"{'':14}" + "".join(f"{stage:>16}" for stage in STAGES))
    for name, runs in parts.items():
        figures = [_medians([run[stage] for run in runs]) for stage in STAGES]
        print(f"{name:14}" + "".join(f"{figure:>16}" for figure in figures))
    print(f"{'ocrx read':14}{_medians(whole):>16}")


def _medians(pairs: list[tuple[float, float]]) -> str:
    clock, processor = (statistics.median(side) for side in zip(*pairs, strict=True))
    return f"{clock:.0f} ({processor:.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--backends", nargs="+", default=RUNTIMES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="empty the cache before each process")
    parser.add_argument("--stages", metavar="BACKEND", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stages:
        print(json.dumps(stages(options.stages)))
        return
    print("milliseconds, medians: of the clock (of the processor)")
    with tempfile.TemporaryDirectory() as folder:
        measure(options.backends, options.rounds, cold=options.cold, folder=folder)


if __name__ == "__main__":
    main()
