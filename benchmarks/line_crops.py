"""Measure what it gains and costs to look for the line in its crop, in the layout `line`.

    python benchmarks/line_crops.py DATA --rounds 5

DATA holds a folder with `labels.tsv` for each set of lines in benchmarks/sets.json. drawn.py draws
two more sets. In every round each set is read twice, in turn: with its crops as they are, and as a
reader does it. The figures are exact lines, of which only A-Z0-9 count in upper case, and the ratio
of times.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import drawn
from sets import LINES

from ocrx import Reader
from ocrx.bench.data.dataset import Answer, Dataset
from ocrx.bench.data.load import load_dataset
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.quality import measure_quality
from ocrx.images.opening import open_document
from ocrx.types import Image

Read = Callable[[Sequence[Image]], list[str]]


def decoded(dataset: Dataset) -> list[Image]:
    """The pictures, decoded beforehand so that reading files takes no time."""
    images = []
    for sample in dataset.samples:
        with open_document(sample.source) as document:
            images.append(document.image(0))
    return images


def exact(dataset: Dataset, texts: Sequence[str]) -> float:
    answers = [Answer(text) for text in texts]
    found = measure_quality(dataset.samples, answers, Folding(code=True)).exact
    return found.value if found else 0.0


def measure(engines: dict[str, Read], folder: Path, rounds: int) -> None:
    dataset = load_dataset(folder)
    images = decoded(dataset)
    texts = {name: read(images) for name, read in engines.items()}  # and so warm up
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, read in engines.items():
            started = time.perf_counter()
            read(images)
            seconds[name].append(time.perf_counter() - started)
    base = seconds["as given"]
    print(f"\n{folder.name} ({len(images)} pictures)")
    for name, taken in seconds.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(taken, base, strict=True))
        each = 1000 * statistics.median(taken) / len(images)
        right = exact(dataset, texts[name])
        print(f"  {name:12} exact {right:5.1f}  {each:6.1f} ms/picture  {ratio:4.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="+", default=[*LINES, *drawn.DRAWN])
    arguments = parser.parse_args()
    reader = Reader(layout="line")

    def read(images: Sequence[Image]) -> list[str]:
        return [page.text for page in reader.read_many(images)]

    def read_as_given(images: Sequence[Image]) -> list[str]:
        with patch("ocrx.reading.second_look.focus"):
            return read(images)

    engines: dict[str, Read] = {"as given": read_as_given, "line found": read}
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.sets:
            if name in drawn.DRAWN:
                drawn.write(Path(folder, name), name)
            place = Path(folder) if name in drawn.DRAWN else arguments.data
            measure(engines, place / name, arguments.rounds)


if __name__ == "__main__":
    main()
