"""ocrx against RapidOCR with the same weights: time and quality, interleaved in one run.

    python benchmarks/against_rapidocr.py DATA --rounds 5

DATA holds a folder for each set of benchmarks/sets.json, with `labels.tsv`. Every engine lives in a
process of its own and idles while another works; in every round each engine reads each set once, in
turn, so that a drift of the machine hits all alike. Times are the medians of rounds.

Quality is what `ocrx matrix` tells: F1 of words for pages, 1 - CER and exact lines for lines; what
is folded before comparing is in sets.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from sets import LINES, PAGES, load, quality

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.result import Quality
from ocrx.names import Layout

Read = Callable[[list[str]], list[str]]


def ocrx_engine(layout: Layout, how: str, **options: Any) -> Read:
    from ocrx import Reader

    reader = Reader(layout=layout, **options)
    if how == "one by one":
        return lambda paths: [reader.read(path).text for path in paths]
    return lambda paths: [page.text for page in reader.read_many(paths)]


def rapidocr_engine(layout: Layout, runtime: str) -> Read:
    from rapidocr import EngineType, RapidOCR

    engine_type = EngineType(runtime)
    engine = RapidOCR(
        params={f"{part}.engine_type": engine_type for part in ("Det", "Cls", "Rec")}
        | {"Global.log_level": "error"}
    )

    def read(path: str) -> str:
        result = engine(path, use_det=layout == "page")
        return "\n".join(getattr(result, "txts", None) or ())

    return lambda paths: [read(path) for path in paths]


ENGINES: dict[str, Callable[[Layout], Read]] = {
    "ocrx": lambda layout: ocrx_engine(layout, "pooled"),
    "ocrx one by one": lambda layout: ocrx_engine(layout, "one by one"),
    "ocrx fp32": lambda layout: ocrx_engine(layout, "pooled", precision="fp32"),
    "ocrx onnxruntime": lambda layout: ocrx_engine(layout, "pooled", backend="onnxruntime"),
    "RapidOCR onnxruntime": lambda layout: rapidocr_engine(layout, "onnxruntime"),
    "RapidOCR openvino": lambda layout: rapidocr_engine(layout, "openvino"),
}


@dataclass
class Result:
    seconds: list[float]
    cpu_seconds: list[float]
    texts: list[str]


def worker(engine: str, layout: Layout, pipe: Connection) -> None:
    """Serve one engine: paths in, (seconds, processor seconds, texts) out; None ends it."""
    read = ENGINES[engine](layout)
    pipe.send(None)
    while (paths := pipe.recv()) is not None:
        started, cpu = time.perf_counter(), time.process_time()
        texts = read(paths)
        pipe.send((time.perf_counter() - started, time.process_time() - cpu, texts))


def measure(engines: list[str], layout: Layout, paths: list[str], rounds: int) -> dict[str, Result]:
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    for engine in engines:
        pipes[engine], theirs = context.Pipe()
        context.Process(target=worker, args=(engine, layout, theirs), daemon=True).start()
        pipes[engine].recv()
    results = {engine: Result([], [], []) for engine in engines}
    for number in range(rounds + 1):
        for engine in engines:
            pipes[engine].send(paths)
            seconds, cpu, texts = pipes[engine].recv()
            results[engine].texts = texts
            if number:  # the first round warms up
                results[engine].seconds.append(seconds)
                results[engine].cpu_seconds.append(cpu)
    for pipe in pipes.values():
        pipe.send(None)
    return results


def report(name: str, dataset: Dataset, engines: list[str], results: dict[str, Result]) -> None:
    base = results[engines[0]].seconds
    count = len(dataset.samples)
    print(f"\n{name} ({count} pictures)")
    for engine in engines:
        result = results[engine]
        ratios = [mine / theirs for mine, theirs in zip(base, result.seconds, strict=True)]
        each = 1000 * statistics.median(result.seconds) / count
        cpu = sum(results[engines[0]].cpu_seconds) / sum(result.cpu_seconds)
        print(
            f"  {engine:22} {each:8.1f} ms/picture"
            f"  {engines[0]} takes {statistics.median(ratios):5.2f} of it"
            f" ({min(ratios):.2f}-{max(ratios):.2f}; processor time {cpu:.2f})"
            f"  {told(quality(name, dataset.samples, result.texts))}"
        )


def told(found: Quality) -> str:
    figures = {"word F1": found.words, "characters": found.characters, "exact": found.exact}
    if found.words:  # without boxes characters say little of a page
        del figures["characters"]
    return "  ".join(f"{name} {one.value:6.2f}" for name, one in figures.items() if one)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--sets", nargs="+", default=[*PAGES, *LINES])
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} processors, numpy {np.__version__}")
    figures = {}
    for name in arguments.sets:
        dataset, paths = load(arguments.data, name)
        layout: Layout = "page" if name in PAGES else "line"
        results = measure(arguments.engines, layout, paths, arguments.rounds)
        report(name, dataset, arguments.engines, results)
        figures[name] = {
            e: {"seconds": r.seconds, "cpu": r.cpu_seconds} for e, r in results.items()
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()
