"""How long ocrx takes to be ready: a process from cold, and each runtime's sessions.

    python benchmarks/startup.py --rounds 5

Every figure is of a new process; in every round each kind of process runs once, in turn, so that a
drift of the machine hits all alike. Told are medians in milliseconds, of the clock and of the
processor. The processes:

- `ocrx read PICTURE`, all of it: Python, imports, opening models, reading;
- for each runtime `imports` of ocrx, `runtime`: its own import, and `open`: the sessions of
  detection and recognition, opened side by side as a reader does; then `first`, the first picture
  read with them, and `next`, another.

The cache is the user's, with the converters that are installed there; with `--cold` it is another,
emptied before each process. The first round is not counted: it fills the cache, and one of Python's
bytecode, as an installation has it.
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
    """Milliseconds of the clock and of the processor for each stage, in this process."""
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
    """Milliseconds of the clock and of the processor for `ocrx read`."""
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
    """This process's, with a cache of Python's in `folder`, and if it is to be cold ocrx's too."""
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
