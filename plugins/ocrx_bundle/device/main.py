"""Reads text in pictures, folders and cameras, and measures how fast and how well."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import cv2
import numpy as np

from ocrx_bundle.device.boxes import BoxFinder, cut
from ocrx_bundle.device.engines import (
    MODULES,
    Array,
    CannotRun,
    choose_engine,
    open_engine,
)
from ocrx_bundle.device.lines import LineReader, Reading
from ocrx_bundle.device.measure import measure, result, samples_of
from ocrx_bundle.device.pattern import Pattern
from ocrx_bundle.device.pictures import files_of, frames, load

HERE = Path(__file__).resolve().parent


class Reader:
    """The whole of a bundle: a recogniser, and a detector if it has one."""

    def __init__(self, folder: Path, engine: str, threads: Optional[int], free: bool) -> None:
        started = time.perf_counter()
        path = folder / "bundle.json"
        try:
            self.bundle: Dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CannotRun(f"{path} cannot be read: {error}") from error
        self.engine = choose_engine(engine, self.bundle, folder)
        networks = self.bundle["networks"]
        opened = {
            task: open_engine(self.engine, network, folder, threads)
            for task, network in networks.items()
        }
        lines, tables = networks["recognition"], self.bundle["pattern"]
        pattern = Pattern(tables, lines["charset"]) if tables and not free else None
        self._lines = LineReader(opened["recognition"], lines, pattern)
        self._boxes = None
        if "detection" in networks:
            self._boxes = BoxFinder(opened["detection"], networks["detection"])
        self.precision = opened["recognition"].precision
        self.startup = (time.perf_counter() - started) * 1000
        files = [folder / network["files"][self.engine] for network in networks.values()]
        self.model_mb = sum(file.stat().st_size for file in files) / 2.0**20

    def lines(self, picture: Array) -> List[Dict[str, Any]]:
        """The lines of a picture, RGB uint8 (H, W, 3): text, score and quad of each."""
        if self._boxes is None:
            height, width = picture.shape[:2]
            quad = [[0, 0], [width, 0], [width, height], [0, height]]
            return _line(self._lines.read_alone(picture), quad, 0.0)
        least = self.bundle["min_score"]
        found: List[Dict[str, Any]] = []
        for quad in self._boxes.find(picture):
            found += _line(self._lines.read(cut(picture, quad)), quad.tolist(), least)
        return found

    def text(self, picture: Array) -> str:
        """The texts of the lines, joined by spaces."""
        return " ".join(line["text"] for line in self.lines(picture))


def _line(read: Reading, quad: Any, least: float) -> List[Dict[str, Any]]:
    text, scores, matches = read
    score = sum(scores) / len(scores) if scores else 0.0
    if not text.strip() or score < least:
        return []
    line = {"text": text, "score": round(score, 4), "quad": quad}
    return [line if matches is None else dict(line, matches=matches)]


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("pictures", nargs="*", help="pictures, and folders of them")
    add("--camera", help="0 for /dev/video0, csi, a video, or a GStreamer pipeline")
    add("--size", help="WIDTHxHEIGHT of the camera's pictures")
    add("--frames", type=int, default=0, help="stop after so many pictures of the camera")
    add("--engine", default="auto", help="auto, {}".format(", ".join(sorted(MODULES))))
    add("--threads", type=int, help="threads on the processor")
    add("--free", action="store_true", help="ignore the bundle's pattern")
    add("--json", action="store_true", help="print a JSON object for each picture")
    add("--benchmark", metavar="FOLDER", help="measure on pictures, with labels.tsv or without")
    add("--rounds", type=int, default=5, help="how often to read them")
    add("--output", metavar="FILE", help="with --benchmark: where to write the JSON")
    return parser


def main(arguments: Optional[List[str]] = None) -> int:
    """Run the command line. Returns the exit code."""
    parser = options()
    asked = parser.parse_args(arguments)
    ways = (bool(asked.pictures), asked.camera is not None, asked.benchmark is not None)
    if sum(ways) != 1 or asked.rounds < 1:
        parser.error("give pictures, or --camera, or --benchmark, with 1 round or more")
    try:
        reader = Reader(HERE, asked.engine, asked.threads, asked.free)
        if asked.benchmark is not None:
            return benchmark(reader, Path(asked.benchmark), asked)
        return read_all(reader, asked)
    except CannotRun as error:
        sys.stderr.write(f"read_codes.py: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # as `head` ends; Python would write to it once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def read_all(reader: Reader, asked: Any) -> int:
    """Print what is read in each picture: `name<TAB>text`, or JSON. A picture that cannot be read
    costs only itself."""
    failed = 0
    for name, picture, error in _pictures(asked):
        if error is not None:
            sys.stderr.write(f"read_codes.py: {error}\n")
            failed = 1
            continue
        started = time.perf_counter()
        lines = reader.lines(picture)
        spent = (time.perf_counter() - started) * 1000
        if asked.json:
            told = {"picture": name, "ms": round(spent, 2), "lines": lines}
            say(json.dumps(told, ensure_ascii=False))
        elif lines or asked.camera is None:
            text = "\n\t".join(line["text"] for line in lines)
            say(f"{name}\t{text}")
    return failed


def _pictures(asked: Any) -> Iterator[Tuple[str, Array, Optional[CannotRun]]]:
    if asked.camera is not None:
        size = None
        if asked.size:
            width, _, height = asked.size.lower().partition("x")
            if not (width.isdigit() and height.isdigit()):
                raise CannotRun(f"--size {asked.size} is not WIDTHxHEIGHT")
            size = int(width), int(height)
        for number, frame in enumerate(frames(asked.camera, size, asked.frames)):
            yield f"frame {number}", frame, None
        return
    for path in files_of(asked.pictures):
        try:
            yield str(path), load(path), None
        except CannotRun as error:
            yield str(path), None, error


def benchmark(reader: Reader, folder: Path, asked: Any) -> int:
    """Measure, print the figures, and write them as JSON if a file is named."""
    samples = samples_of(folder)
    found = measure(reader.text, samples, asked.rounds)
    used = [
        {
            "task": task,
            "model": network["name"],
            "backend": reader.engine,
            "device": "cuda:0" if reader.engine == "tensorrt" else "cpu",
            "precision": network["precisions"][reader.engine],
            "decoder": "",
        }
        for task, network in reader.bundle["networks"].items()
    ]
    about = {
        "used": used,
        "startup": reader.startup,
        "model_mb": reader.model_mb,
        "packages": {"numpy": np.__version__, "opencv": cv2.__version__},
    }
    cell = dict(
        reader.bundle["cell"],
        backend=reader.engine,
        precision=reader.precision,
        threads=asked.threads,
    )
    run = result(found, samples, folder, cell, about)
    figures = run["cells"][0]["figures"]
    told = {
        "ms": round(figures["cost"]["p50"], 2),
        "p90": round(figures["cost"]["p90"], 2),
        "model_mb": round(reader.model_mb, 2),
        "pictures": len(samples),
    }
    for name in ("characters", "exact", "words"):
        if figures["quality"][name] is not None:
            told[name] = round(figures["quality"][name]["value"], 2)
    say(json.dumps(told))
    if asked.output:
        content = json.dumps(run, ensure_ascii=False, indent=1) + "\n"
        try:
            Path(asked.output).write_text(content, "utf-8")
        except OSError as error:
            raise CannotRun(f"{asked.output} cannot be written: {error.strerror}") from error
    return 0


def say(text: str) -> None:
    """Print a line in UTF-8, whatever the locale: Python 3.6 would fail in the locale C."""
    sys.stdout.buffer.write((text + "\n").encode("utf-8", "replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
