"""Measure what the harness costs: the same reader reads the same pictures with and without it.

    python benchmarks/harness_overhead.py DATASET [-b openvino] [--limit 50] [--rounds 11]

First, in one process and in turn (A B A B), it measures a bare loop that only reads the pictures,
and a round of the harness: the time that the harness reports, and the time of all it does in a
round. The figures are medians over the rounds, of elapsed time and of processor time; on a busy
machine compare the latter. Then it measures the same cell in two runs, as `ocrx bench` does. On a
quiet machine, their medians should agree within 5 %.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from pathlib import Path

from ocrx.bench.data.dataset import limited
from ocrx.bench.data.load import load_dataset
from ocrx.bench.data.pictures import as_files
from ocrx.bench.figures.result import Cell
from ocrx.bench.run.measuring import Measuring
from ocrx.bench.run.messages import Job
from ocrx.bench.run.runner import run_matrix
from ocrx.bench.run.settings import Settings


def overhead(measuring: Measuring, pictures: list[str], rounds: int) -> None:
    bare: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    told: list[float] = []
    for number in range(2 * rounds):
        gc.collect()
        started, cpu = time.perf_counter(), time.process_time()
        if number % 2:
            found = measuring.read_all(answers=False)
        else:
            for picture in pictures:
                measuring.reader.read(picture)
        spent = time.perf_counter() - started, time.process_time() - cpu
        (whole if number % 2 else bare).append(spent)
        if number % 2:
            told.append(sum(one for one in found.times if one is not None) / 1000)
    per = 1000 / len(pictures)
    for title, index in (("time", 0), ("processor time", 1)):
        a, b = (statistics.median(one[index] for one in side) * per for side in (bare, whole))
        ratios = [y[index] / x[index] for x, y in zip(bare, whole, strict=True)]
        print(
            f"{title}, ms a picture: bare {a:.3f}, a round {b:.3f}; "
            f"round / bare, median of pairs: {statistics.median(ratios):.4f}"
        )
    inside = [t / w[0] for t, w in zip(told, whole, strict=True)]
    print(f"of a round's time, {100 * (1 - statistics.median(inside)):.2f} % are not reading")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("-r", "--recognizer", default="paddle")
    parser.add_argument("-b", "--backend", default="openvino")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    dataset = limited(load_dataset(given.dataset), given.limit)
    settings = Settings(parity=False)
    layout = settings.layout_of(dataset)
    detector = "" if layout == "line" else "paddle"
    cell = Cell(given.recognizer, detector, given.backend, given.precision, threads=given.threads)
    with as_files(dataset) as pictures:
        job = Job(
            cell.recognizer, cell.detector, cell.backend, cell.precision, "auto", cell.threads,
            layout, (), {}, True, pictures, settings.warm_seconds,
        )  # fmt: skip
        overhead(Measuring(job), pictures, given.rounds)
    medians = []
    for _ in range(2):
        (found,) = run_matrix(dataset, [cell], settings).cells
        if found.figures is None:
            raise SystemExit(f"{found.state}: {found.reason}")
        medians.append(found.figures.cost.p50)
    apart = 100 * (max(medians) / min(medians) - 1)
    print(f"two runs: {medians[0]:.2f} and {medians[1]:.2f} ms a picture, {apart:.1f} % apart")


if __name__ == "__main__":
    main()
