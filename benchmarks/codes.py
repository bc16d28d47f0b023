"""How well recognisers read codes, and how fast.

    python benchmarks/codes.py DATA --recognizers paddle crnn --backend onnxruntime
    python benchmarks/codes.py DATA --recognizers paddle crnn --markdown docs/codes.md

DATA holds folders with `labels.tsv`, as for peers.py. Beside them drawn pictures are read, in fonts
and on surfaces that are held out from training, as hard to read as usual and as hard as it gets.
Those are the same wherever the same fonts are (see `ocrx synth`).

Quality is in lines that are exact and in characters (1 - CER), of A-Z and 0-9 in upper case. Time
is processor time of one thread for a crop, from picture to text, with batches of 32. In every round
the recognisers take turns, and each reads all real pictures once; the ratio is the median of the
rounds.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import sets

from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.quality import measure_quality
from ocrx.bench.figures.result import Interval, Quality
from ocrx.images.opening import open_document
from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import DECODER
from ocrx.types import Image
from ocrx.version import VERSION
from ocrx.weights.store import Store
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.stream import pictures

BATCH = 32
REAL = ("sroie_codes", "plates_ar", "plates_cn", "scene_digits")
SEVERITIES = {"drawn, standard": 0.5, "drawn, hardest": 1.0}
SEED = 1_000_033


@dataclass(frozen=True)
class Part:
    """Pictures, each a line, and their truth."""

    name: str
    images: list[Image]
    samples: Sequence[Sample]


@dataclass
class Row:
    """A recogniser, how well it read each part, and the seconds of each round."""

    name: str
    recognizer: Recognizer
    quality: dict[str, Quality] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


def real(data: Path, name: str) -> Part:
    """A set of real pictures."""
    dataset, paths = sets.load(data, name)
    images = []
    for path in paths:
        with open_document(path) as document:
            images.append(document.image(0))
    return Part(name, images, dataset.samples)


def drawn(name: str, severity: float, count: int, fonts: tuple[Path, ...]) -> Part:
    """Pictures that no network here was trained on."""
    options = SynthOptions(
        seed=SEED, severity=severity, heights=(12, 80), split="held-out", fonts=fonts
    )
    found = list(pictures(options, count=count))
    samples = [Sample(str(number), one.picture, one.text) for number, one in enumerate(found)]
    return Part(name, [one.picture for one in found], samples)


def opened(name: str, backend: str) -> Recognizer:
    """The recogniser, for lines, on one thread."""
    options = {"recognizer": {"batch": BATCH}}
    assembly = Assembly(load_plugins(), Store(), options=options, layout="line", decoder=DECODER)
    session = SessionOptions(precision="fp32", threads=1)
    component = assembly.component("recognizer", name, backend, session)
    assert isinstance(component, Recognizer)
    return component


def measure(rows: Sequence[Row], parts: Sequence[Part], rounds: int) -> None:
    """Read all parts with each recogniser, and the real ones in turn."""
    for row in rows:
        for part in parts:
            texts = [Answer(text.text) for text in row.recognizer.recognize(part.images)]
            row.quality[part.name] = measure_quality(part.samples, texts, Folding(code=True))
    images = [image for part in parts if part.name in REAL for image in part.images]
    for _ in range(rounds):
        for row in rows:
            started = time.process_time()
            row.recognizer.recognize(images)
            row.seconds.append((time.process_time() - started) / len(images))


def table(rows: Sequence[Row], parts: Sequence[Part]) -> list[str]:
    """Lines of Markdown."""
    lines = [
        "| recogniser | " + " | ".join(part.name for part in parts) + " | ms a crop | ratio |",
        "|---|" + "---|" * (len(parts) + 2),
    ]
    base = rows[0].seconds
    for row in rows:
        cells = [_shares(row.quality[part.name]) for part in parts]
        ratio = statistics.median(b / a for a, b in zip(base, row.seconds, strict=True))
        spent = 1000 * statistics.median(row.seconds)
        lines.append(f"| `{row.name}` | {' | '.join(cells)} | {spent:.2f} | {ratio:.2f} |")
    return lines


def _shares(quality: Quality) -> str:
    """Exact lines, and characters."""
    return f"{_percent(quality.exact)} / {_percent(quality.characters)}"


def _percent(figure: Interval | None) -> str:
    return "-" if figure is None else f"{figure.value:.1f}"


def page(rows: Sequence[Row], parts: Sequence[Part], backend: str, rounds: int) -> str:
    """The page of the documentation."""
    told = ", ".join(f"{len(part.images)} of `{part.name}`" for part in parts)
    paragraphs = [
        "# Codes",
        "<!-- Written by benchmarks/codes.py. -->",
        _wrapped(
            "Exact lines / characters, both in per cent, compared as A-Z and 0-9 in upper case; "
            "each picture is read as a single line, without a pattern. No real picture was trained "
            "on, nor did one choose among networks."
        ),
        "\n".join(table(rows, parts)),
        _wrapped(
            f"Pictures: {told}. The sets are described in `benchmarks/sets.json`; the drawn ones "
            "are in fonts and on surfaces held out from training. Time is processor time of one "
            f"thread from picture to text, with batches of {BATCH}, on {backend} in fp32; the "
            f"median of {rounds} rounds in which the recognisers take turns. The ratio is to "
            f"`{rows[0].name}`."
        ),
        f"ocrx {VERSION}, Python {platform.python_version()}, {platform.machine()}.",
    ]
    return "\n\n".join(paragraphs) + "\n"


def _wrapped(text: str) -> str:
    """A paragraph in lines as long as those of the documents."""
    return "\n".join(textwrap.wrap(text, 140, break_on_hyphens=False, break_long_words=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--recognizers", nargs="+", default=["paddle", "crnn"])
    parser.add_argument("--backend", default="onnxruntime")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--drawn", type=int, default=300, help="pictures of each severity")
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], help="folders of fonts")
    parser.add_argument("--markdown", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    parts = [real(asked.data, name) for name in REAL]
    for name, severity in SEVERITIES.items():
        parts.append(drawn(name, severity, asked.drawn, tuple(asked.fonts)))
    rows = [Row(name, opened(name, asked.backend)) for name in asked.recognizers]
    measure(rows, parts, asked.rounds)
    print("\n".join(table(rows, parts)))
    if asked.markdown:
        asked.markdown.write_text(page(rows, parts, asked.backend, asked.rounds), "utf-8")


if __name__ == "__main__":
    main()
