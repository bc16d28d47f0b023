"""Do the runtimes read alike? Models x runtimes x precisions, against ONNX Runtime in fp32.

    python benchmarks/parity.py DATA --runtimes onnxruntime:fp16 onnxruntime:int8 openvino:int8
    python benchmarks/parity.py DATA --keep parity.json --markdown docs/parity.md

DATA holds folders with `labels.tsv`, as for peers.py. Every engine has a process of its own and
waits while another works. In every round the engines take turns, and each does the whole job once.
--keep adds the results to those in a file, so that a long run can be done in pieces. --markdown
writes a table of all of them.

- recognition reads crops of lines. Equal are lines with the same text, to the last space. Quality
  is 1 - CER of letters and digits in upper case.
- detection looks at pages. Equal are boxes that overlap one of the reference's by at least 70 %, of
  all boxes of both. ONNX Runtime in fp32 reads the text in the boxes, which is also compared.
  Quality is the F1 of its words.
- orientation looks at crops, each upright and upside down. Equal are those that a reader would turn
  or leave alone alike; it turns only what the network is sure of. Quality is the part of right
  answers.

Speed is the reference's time in a round as a multiple of the engine's, the median of the rounds.
Above 1 the engine is faster. It is processor time, which other work on the machine affects little.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import sets
from parity_table import SURE_OF_LINE, Outcome, Share, markdown

from ocrx.bench.data.dataset import Sample
from ocrx.errors import OcrxError, without_errors
from ocrx.images.opening import open_document
from ocrx.interfaces.components import Detector, Orienter, Recognizer
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import PRECISIONS, Precision
from ocrx.page.geometry import crop, upright
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.reading.reader import MIN_SCORE
from ocrx.types import Image, Orientation, Quad
from ocrx.weights.store import Store

REFERENCE = "onnxruntime:fp32"
TASKS: dict[str, Kind] = {
    "recognition": "recognizer",
    "detection": "detector",
    "orientation": "orienter",
}
OVERLAP = 0.7

Work = Callable[[Sequence[Image]], list[Any]]


@dataclass
class Engine:
    """An engine's process, its last answers, and the processor seconds of each round."""

    pipe: Connection
    process: Any
    used: str = ""
    answers: list[Any] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def round(self, paths: list[str]) -> None:
        self.pipe.send(paths)
        answers, seconds = self.pipe.recv()
        self.answers = answers
        self.seconds.append(seconds)


def work(task: str, runtime: str) -> tuple[Work, str]:
    """What does the job, and what it really runs in."""
    backend, _, precision = runtime.partition(":")
    session = SessionOptions(precision=cast("Precision", precision or "auto"), threads=1)
    assembly = Assembly(load_plugins(), Store(), layout="line")
    component = assembly.component(TASKS[task], "paddle", backend, session)
    used = component.used[0]
    told = f"{used.backend} {used.device} {used.precision}"
    if isinstance(component, Recognizer):
        return lambda images: [(t.text, t.score) for t in component.recognize(images)], told
    if isinstance(component, Orienter):
        return lambda images: [turns(o) for o in component.orient(both_ways(images))], told
    assert isinstance(component, Detector)
    detect = component.detect
    return lambda images: [[r.quad for r in p] for p in without_errors(detect(images))], told


def turns(orientation: Orientation) -> int:
    """By how many degrees a reader would turn the line to read it again."""
    return orientation.degrees


def both_ways(images: Sequence[Image]) -> list[Image]:
    return [*images, *(np.ascontiguousarray(image[::-1, ::-1]) for image in images)]


def worker(task: str, runtime: str, pipe: Connection) -> None:
    """Serve one engine: paths in, answers and processor seconds out; None ends it."""
    try:
        do, told = work(task, runtime)
    except OcrxError as error:
        pipe.send(error)
        return
    pipe.send(told)
    images: dict[str, Image] = {}
    while (paths := pipe.recv()) is not None:
        for path in paths:
            if path not in images:
                with open_document(path) as document:
                    images[path] = document.image(0)
        started = time.process_time()
        answers = do([images[path] for path in paths])
        pipe.send((answers, time.process_time() - started))


def start(task: str, runtime: str) -> Engine | Outcome:
    """The engine when it is ready, or the reason why it cannot be opened."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=worker, args=(task, runtime, theirs), daemon=True)
    process.start()
    told = ours.recv()
    if isinstance(told, OcrxError):
        return Outcome(task, runtime, missing=told.message)
    return Engine(ours, process, told)


def overlap(one: Quad, other: Quad) -> float:
    """Intersection over union."""
    area, _ = cv2.intersectConvexConvex(one, other)
    union = cv2.contourArea(one) + cv2.contourArea(other) - area
    return float(area / union) if union else 0.0


def texts(answers: Sequence[Any]) -> list[Any]:
    """Without scores, where there are any."""
    return [one[0] if isinstance(one, tuple) else one for one in answers]


def equal_where_sure(reference: Sequence[Any], answers: Sequence[Any]) -> Share:
    """How many of the lines that the reference is sure of are read alike."""
    sure = [index for index, one in enumerate(reference) if one[1] >= SURE_OF_LINE]
    return equal("recognition", [reference[i] for i in sure], [answers[i] for i in sure])


def equal(task: str, reference: Sequence[Any], answers: Sequence[Any]) -> Share:
    """How many answers are the reference's, and of how many."""
    if task != "detection":
        pairs = zip(texts(reference), texts(answers), strict=True)
        return Share(sum(a == b for a, b in pairs), len(reference))
    hits = boxes = 0
    for expected, found in zip(reference, answers, strict=True):
        hits += sum(any(overlap(a, b) >= OVERLAP for b in found) for a in expected)
        hits += sum(any(overlap(a, b) >= OVERLAP for b in expected) for a in found)
        boxes += len(expected) + len(found)
    return Share(hits, boxes)


def equal_lines(reference: Sequence[list[str]], answers: Sequence[list[str]]) -> Share:
    """How many lines of each page are read alike, in any order, of the longer of the two."""
    hits = lines = 0
    for expected, found in zip(reference, answers, strict=True):
        hits += (Counter(expected) & Counter(found)).total()
        lines += max(len(expected), len(found))
    return Share(hits, lines)


def lines_of(data: Data, answers: Sequence[Any], read: Work) -> list[list[str]]:
    """The texts of each page's boxes that a reader would keep."""
    found = []
    for image, quads in zip(data.images(), answers, strict=True):
        crops = [crop(image, upright(quad)) for quad in quads]
        lines = read(crops) if crops else []
        found.append([text for text, score in lines if score >= MIN_SCORE])
    return found


def quality(task: str, data: Data, answers: Sequence[Any]) -> float:
    """Percent right; `answers` to detection are the lines of each page."""
    if task == "orientation":
        half = len(answers) // 2
        right = answers[:half].count(0) + answers[half:].count(180)
        return 100 * right / max(1, len(answers))
    read = [" ".join(one) for one in answers] if task == "detection" else texts(answers)
    found = sets.quality(data.sets[0], data.samples, read)
    accuracy = found.words or found.characters
    return accuracy.value if accuracy else 0.0


@dataclass(frozen=True)
class Data:
    """Of all pictures the paths, the samples, and the sets they are of, which fold alike."""

    paths: list[str]
    samples: list[Sample]
    sets: list[str]

    def images(self) -> list[Image]:
        found = []
        for path in self.paths:
            with open_document(path) as document:
                found.append(document.image(0))
        return found


def gather(folder: Path, task: str, limit: int) -> Data:
    data = Data([], [], [])
    for name in sets.PAGES if task == "detection" else sets.LINES:
        dataset, paths = sets.load(folder, name)
        data.paths.extend(paths[:limit])
        data.samples.extend(dataset.samples[:limit])
        data.sets.extend([name] * len(paths[:limit]))
    return data


def compare(task: str, data: Data, runtimes: Sequence[str], rounds: int) -> list[Outcome]:
    engines = {name: start(task, name) for name in dict.fromkeys((REFERENCE, *runtimes))}
    running = {name: one for name, one in engines.items() if isinstance(one, Engine)}
    for _ in range(rounds + 1):  # the first round warms up
        for engine in running.values():
            engine.round(data.paths)
    base = running[REFERENCE]
    told = {name: one.answers for name, one in running.items()}  # what quality is judged by
    if task == "detection":
        read, _ = work("recognition", REFERENCE)
        told = {name: lines_of(data, answers, read) for name, answers in told.items()}
    also = {"detection": equal_lines, "recognition": equal_where_sure}.get(task)
    expected = quality(task, data, told[REFERENCE])
    outcomes = [one for one in engines.values() if isinstance(one, Outcome)]
    for name, engine in running.items():
        pairs = zip(base.seconds[1:], engine.seconds[1:], strict=True)
        outcomes.append(
            Outcome(
                task,
                name,
                used=engine.used,
                equal=equal(task, base.answers, engine.answers),
                also=also(told[REFERENCE], told[name]) if also else Share(0, 0),
                by_set=by_set(task, data, base.answers, engine.answers),
                quality=expected,
                change=quality(task, data, told[name]) - expected,
                speed=statistics.median(mine / theirs for mine, theirs in pairs),
            )
        )
        engine.pipe.send(None)
        engine.process.join()
    return outcomes


def by_set(
    task: str, data: Data, reference: Sequence[Any], answers: Sequence[Any]
) -> dict[str, Share]:
    turns = 2 if task == "orientation" else 1
    parts: dict[str, list[int]] = {}
    for index, name in enumerate(data.sets * turns):
        parts.setdefault(name, []).append(index)
    return {
        name: equal(task, [reference[i] for i in part], [answers[i] for i in part])
        for name, part in parts.items()
    }


def present() -> list[str]:
    """Every runtime here in every precision; what cannot be had says so when it is tried."""
    registry = load_plugins()
    assembly = Assembly(registry, Store())
    return [
        f"{name}:{precision}"
        for name in registry.names("backend")
        if assembly.backend(name).probe().present
        for precision in PRECISIONS
        if precision != "auto"
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=1000, help="the most pictures of a set")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--runtimes", nargs="+", help="NAME:PRECISION; default: all")
    parser.add_argument("--keep", type=Path, help="a JSON file, to which results are added")
    parser.add_argument("--markdown", type=Path, help="a file for a table of all results")
    arguments = parser.parse_args()
    kept = recall(arguments.keep)
    for task in arguments.tasks:
        data = gather(arguments.data, task, arguments.limit)
        for outcome in compare(task, data, arguments.runtimes or present(), arguments.rounds):
            print(outcome.line(), flush=True)
            kept[outcome.task, outcome.runtime] = outcome
    if arguments.keep:
        arguments.keep.write_text(json.dumps([asdict(one) for one in kept.values()], indent=1))
    if arguments.markdown:
        arguments.markdown.write_text(markdown(list(kept.values()), versions()), "utf-8")


def recall(path: Path | None) -> dict[tuple[str, str], Outcome]:
    if path is None or not path.exists():
        return {}
    outcomes = [Outcome.from_json(one) for one in json.loads(path.read_text("utf-8"))]
    return {(one.task, one.runtime): one for one in outcomes}


def versions() -> dict[str, str]:
    """Of each runtime that is here."""
    registry = load_plugins()
    assembly = Assembly(registry, Store())
    probes = {name: assembly.backend(name).probe() for name in registry.names("backend")}
    return {name: probe.version for name, probe in probes.items() if probe.present}


if __name__ == "__main__":
    main()
