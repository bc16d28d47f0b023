"""How fast `ocrx batch` reads with so many workers, and how large what it writes is.

python benchmarks/batch.py --pages 24 --workers 1x2 2x1 [--pictures FOLDER] [-- OPTIONS OF READ]

`2x1` is two workers with one processor each. Each run is a process of its own, and starts its
workers; what that takes is measured by a run over one page for each worker, and taken off.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sheets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--workers", nargs="+", default=["1x2", "2x1"], metavar="WORKERSxCPUS")
    parser.add_argument("--pictures", type=Path, help="read these and not drawn pages")
    parser.add_argument("--format", default="jsonl")
    parser.add_argument("rest", nargs="*", help="options of ocrx read")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        files = sorted(given.pictures.iterdir()) if given.pictures else draw(here, given.pages)
        options = ["-f", given.format, *given.rest]
        for plan in given.workers:
            workers, cpus = plan.split("x")
            run = [*options, "--workers", workers, "--cpus", cpus]
            wall_start, cpu_start, _ = measure(here / f"start-{plan}", files[: int(workers)], run)
            wall, cpu, size = measure(here / plan, files, run)
            pages = len(files) - int(workers)
            print(
                f"{plan}: {pages / (wall - wall_start):.2f} pages/s, "
                f"{(cpu - cpu_start) / pages:.2f} s of a processor a page, "
                f"{wall_start:.1f} s to start, {size / len(files) / 1000:.1f} kB a page"
            )


def draw(folder: Path, count: int) -> list[Path]:
    """Pages of two columns and invoices, as PNG."""
    files = []
    for number in range(count):
        make = sheets.two_columns if number % 2 else sheets.invoice
        files.append(folder / f"{number:05}.png")
        files[-1].write_bytes(make(np.random.default_rng(number)).data)
    return files


def measure(
    output: Path, files: Sequence[Path], options: Sequence[str]
) -> tuple[float, float, int]:
    """Seconds, seconds of processors and bytes written, for reading these files."""
    command = [sys.executable, "-m", "ocrx_cli", "batch", "-o", str(output), *options]
    before, started = os.times(), time.perf_counter()
    subprocess.run([*command, "--shard", "2", *map(str, files)], check=True)
    wall, after = time.perf_counter() - started, os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    size = sum(path.stat().st_size for path in (output / "pages").rglob("*") if path.is_file())
    return wall, cpu, size


def processors() -> float:
    """The seconds that processors have spent on processes that this one started, and theirs."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
