"""ocrx against RapidOCR with the same weights: time and quality, interleaved in one run.

    python benchmarks/against_rapidocr.py DATA --rounds 5

DATA holds folders with `labels.tsv` (path, text, optional JSON list of {poly, text}). Every engine
lives in a process of its own and idles while another works; in every round each engine reads each
set once, in turn, so that a drift of the machine hits all alike. Times are the medians of rounds.

Pages: micro-averaged F1 of words, as multisets per page, upper-cased and stripped of anything but
letters and digits; text the ground truth leaves out counts against every engine alike. Lines:
1 - CER and exact lines, on upper-cased letters and digits.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ocrx.types import Layout

PAGES = ("sroie_pages", "ic15_scene")
LINES = (
    "sroie_codes",
    "plates_ar",
    "plates_cn",
    "scene_digits",
    "ic15_words",
)
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


def word_f1(truths: list[str], texts: list[str]) -> float:
    hits = wanted = found = 0
    for truth, text in zip(truths, texts, strict=True):
        a, b = Counter(words(truth)), Counter(words(text))
        hits += sum((a & b).values())
        wanted, found = wanted + sum(a.values()), found + sum(b.values())
    return 200 * hits / max(1, wanted + found)


def words(text: str) -> list[str]:
    return [word for part in text.split() if (word := code(part))]


def code(text: str) -> str:
    return "".join(char for char in text.upper() if char.isalnum())


def line_scores(truths: list[str], texts: list[str]) -> tuple[float, float]:
    """Character accuracy (1 - CER) and exact lines, in percent."""
    pairs = [(code(a), code(b)) for a, b in zip(truths, texts, strict=True)]
    errors = sum(distance(a, b) for a, b in pairs)
    length = sum(len(a) for a, _ in pairs)
    return 100 - 100 * errors / length, 100 * sum(a == b for a, b in pairs) / len(pairs)


def distance(a: str, b: str) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


def load(folder: Path) -> tuple[list[str], list[str]]:
    rows = [line.split("\t") for line in (folder / "labels.tsv").read_text("utf-8").splitlines()]
    return [str(folder / row[0]) for row in rows], [row[1] for row in rows]


def truths_of(name: str, truths: list[str]) -> list[str]:
    """The province character of Chinese plates is outside what codes are scored on."""
    return [truth[1:] for truth in truths] if name == "plates_cn" else truths


def report(name: str, engines: list[str], results: dict[str, Result], truths: list[str]) -> None:
    base = results[engines[0]].seconds
    print(f"\n{name} ({len(truths)} pictures)")
    for engine in engines:
        result = results[engine]
        ratios = [mine / theirs for mine, theirs in zip(base, result.seconds, strict=True)]
        each = 1000 * statistics.median(result.seconds) / len(truths)
        cpu = sum(results[engines[0]].cpu_seconds) / sum(result.cpu_seconds)
        if name in PAGES:
            quality = f"word F1 {word_f1(truths, result.texts):6.2f}"
        else:
            texts = result.texts
            if name == "plates_cn":
                texts = ["".join(c for c in code(t) if c.isascii()) for t in texts]
            accuracy, exact = line_scores(truths_of(name, truths), texts)
            quality = f"characters {accuracy:6.2f}  exact {exact:6.2f}"
        print(
            f"  {engine:22} {each:8.1f} ms/picture"
            f"  {engines[0]} takes {statistics.median(ratios):5.2f} of it"
            f" ({min(ratios):.2f}-{max(ratios):.2f}; processor time {cpu:.2f})  {quality}"
        )


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
        paths, truths = load(arguments.data / name)
        layout: Layout = "page" if name in PAGES else "line"
        results = measure(arguments.engines, layout, paths, arguments.rounds)
        report(name, arguments.engines, results, truths)
        figures[name] = {
            e: {"seconds": r.seconds, "cpu": r.cpu_seconds} for e, r in results.items()
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()
