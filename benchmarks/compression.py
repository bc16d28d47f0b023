"""What compressing recognisers costs and gains: each model by each chain of methods, on runtimes.

    ocrx synth codes --count 400 --seed 5 --severity 0.6 --height 16-80
    ocrx synth lessons --count 5000 --seed 61 --severity 0.6 --height 16-80
    python benchmarks/compression.py codes --lessons lessons --test TEST --limit 100 --markdown FILE
    python benchmarks/compression.py codes --test TEST --models paddle:v6-tiny --chains quantize

A chain is methods with a comma between them, and then options of theirs, or a budget, with a space
before each: "prune,quantize prune.ratio=0.2 quantize.mode=dynamic", "quantize budget=0.5". The
chain "int8" is what `--precision int8` runs there: the runtime's own conversion of the original, or
a file that is published so.

The first dataset calibrates, LESSONS teaches the chains that learn, the figures are of TEST. All
are lines in any form that `ocrx bench` reads; characters are compared as A-Z and 0-9 in upper case.
What was compressed is kept under --work, and so are a model's figures: what was finished is not
repeated.

Time is processor time of one thread, from a picture to its text. All networks of a model are open
at once and take turns, a few pictures each; each takes the first few twice, to warm up. A ratio is
the median of those of the turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from ocrx.bench.data.dataset import Answer, Dataset, limited
from ocrx.bench.data.info import content, picture
from ocrx.bench.data.load import load_dataset
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.quality import measure_quality
from ocrx.bench.figures.result import Interval
from ocrx.bench.run.preparing import megabytes
from ocrx.compression.chain import Order, compress_only
from ocrx.errors import OcrxError
from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings
from ocrx.reading.assembly import Assembly
from ocrx.system.processor import processor
from ocrx.types import Image
from ocrx.version import VERSION
from ocrx.weights.records import record_of
from ocrx.weights.store import Store

MODELS = ("crnn", "paddle:codes", "paddle:v6-small", "paddle:v6-tiny", "easyocr:english_g2")
CONVERTED = "int8"
CHAINS = (
    CONVERTED, "quantize", "quantize quantize.reduce_range=yes", "quantize quantize.mode=dynamic",
    "quantize quantize.mode=fp16",
)  # fmt: skip
OWN: Mapping[str, Sequence[str]] = {
    "crnn": (
        "quantize quantize.lstm=int8",
        "distill,quantize distill.rounding=int8 distill.steps=100 distill.threads=1",
        "sparsify sparsify.steps=0",
        "prune prune.ratio=0.1 prune.steps=0 prune.importance=l2",
        "prune prune.steps=0 prune.importance=l2",
        "prune prune.ratio=0.5 prune.scope=layer prune.steps=2400 prune.learning_rate=0.002 "
        "prune.threads=1",
        "prune,match prune.steps=0 prune.importance=l2 match.steps=1500 match.learning_rate=0.002",
        "prune,match prune.ratio=0.5 prune.scope=layer prune.steps=0 prune.importance=l2 "
        "match.steps=1500 match.learning_rate=0.002",
    ),
    **dict.fromkeys(
        ("paddle:codes", "paddle:v6-small", "paddle:v6-tiny"),
        (
            "prune prune.ratio=0.1 prune.steps=0 prune.importance=l2 prune.scope=layer",
            *(
                f"{chain} prune.steps=0 prune.importance=obs prune.scope=layer"
                for chain in (
                    "prune prune.ratio=0.1",
                    "prune,quantize prune.ratio=0.1",
                    "prune,quantize prune.ratio=0.2",
                )
            ),
        ),
    ),
    "easyocr:english_g2": ("quantize quantize.reduce_range=yes quantize.lstm=int8",),
}
"""Chains of one model, beside those of all."""

RUNTIMES = ("onnxruntime", "openvino", "tflite")
TURN = 16
"""Pictures that a network reads before it is another's turn."""

HEADINGS = ("methods", "runtime", "MB", "ms", "time", "characters", "exact lines")


@dataclass(frozen=True)
class Row:
    """What one network does on one runtime. `chain` is "" for the original. Megabytes of 10**6,
    milliseconds and the ratio of times are of a picture, accuracies in percent."""

    chain: str
    runtime: str
    megabytes: float
    ms: float
    ratio: float
    characters: tuple[float, float, float]
    exact: tuple[float, float, float]
    note: str = ""


def main() -> int:
    """Compress and measure what is not yet done, and print the tables or write them. Returns 1 if a
    chain failed."""
    asked = _arguments()
    data, test = (limited(load_dataset(one), asked.limit) for one in (asked.data, asked.test))
    lessons = load_dataset(asked.lessons) if asked.lessons else data
    failed: list[str] = []
    tables: dict[str, list[Row]] = {}
    for model in asked.models:
        made = {"": model}
        for chain in asked.chains or (*CHAINS, *OWN.get(model, ())):
            folder = place(asked.work, model, chain)
            if chain == CONVERTED:
                made[chain] = model
                continue
            try:
                if not folder.exists():
                    compress_chain(model, chain, lessons if _learns(chain) else data, test, folder)
                made[chain] = f"{folder}/"
            except OcrxError as error:
                failed.append(f"{model}, {chain}: {error}")
        tables[model] = measured(made, test, asked.backends, place(asked.work, model, "figures"))
    text = "\n".join(document(tables, asked.work, (data, lessons, test))) + "\n"
    if asked.markdown is None:
        print(text)
    else:
        asked.markdown.write_text(text, "utf-8")
    for one in failed:
        print(f"failed: {one}", file=sys.stderr)
    return 1 if failed else 0


def _learns(chain: str) -> bool:
    methods, *options = chain.split()
    named = [name for name in methods.split(",") if name != "quantize"]
    return any(f"{name}.steps=0" not in options for name in named)


def place(work: Path, model: str, chain: str) -> Path:
    """The folder of a compressed network."""
    name = f"{model} {chain}"
    return work / "".join(char if char.isalnum() or char in ".-" else "-" for char in name)


def compress_chain(model: str, chain: str, data: Dataset, test: Dataset, folder: Path) -> None:
    """Compress the model into a folder."""
    methods, *words = chain.split()
    options = [f"compressor.{word}" for word in words if not word.startswith("budget=")]
    budget = next((float(word[7:]) for word in words if word.startswith("budget=")), None)
    settings = parse_settings(options)
    order = Order(
        "recognizer", model, methods.split(","), data, test, RUNTIMES[:1], budget,
        folding=Folding(code=True), options=settings,
    )  # fmt: skip
    print(f"{model}: {chain}", file=sys.stderr)
    folder.parent.mkdir(parents=True, exist_ok=True)
    assembly = Assembly(load_plugins(), Store(), settings)
    compress_only(order, assembly, folder, lambda fraction, what: None)


def measured(
    made: Mapping[str, str], test: Dataset, runtimes: Sequence[str], kept: Path
) -> list[Row]:
    """A row for each runtime and network, the original first. They are kept in a file, and what is
    missing there is measured beside the original."""
    file = kept.with_suffix(".json")
    old = json.loads(file.read_text("utf-8")) if file.is_file() else []
    found = {(row["runtime"], row["chain"]): Row(**row) for row in old}
    images = [picture(sample, content(sample)) for sample in test.samples]
    for one in runtimes:
        missing = {chain: name for chain, name in made.items() if (one, chain) not in found}
        if missing:
            for row in on_runtime({"": made[""], **missing}, one, test, images):
                found.setdefault((one, row.chain), row)
            file.write_text(json.dumps([asdict(row) for row in found.values()]), "utf-8")
    return [found[one, chain] for one in runtimes for chain in made]


def on_runtime(
    made: Mapping[str, str], runtime: str, test: Dataset, images: Sequence[Image]
) -> Iterator[Row]:
    """Read all pictures with each network, in turns."""
    networks, notes = {}, {}
    for chain, reference in made.items():
        try:
            networks[chain] = _opened(reference, runtime, _precision(chain))
        except OcrxError as error:
            notes[chain] = error.message
    texts: dict[str, list[Answer]] = {chain: [] for chain in networks}
    seconds: dict[str, list[float]] = {chain: [] for chain in networks}
    for network in networks.values():
        network.recognize(images[:TURN])
    for start in range(0, len(images), TURN):
        for chain, network in networks.items():
            began = time.process_time()
            read = network.recognize(images[start : start + TURN])
            seconds[chain].append(time.process_time() - began)
            texts[chain] += [Answer(one.text) for one in read]
    for chain, network in networks.items():
        network.close()
        quality = measure_quality(test.samples, texts[chain], Folding(code=True))
        yield Row(
            chain,
            runtime,
            _size(made[chain], runtime, _precision(chain)),
            1000 * sum(seconds[chain]) / len(images),
            statistics.median(a / b for a, b in zip(seconds[chain], seconds[""], strict=True)),
            _triple(quality.characters),
            _triple(quality.exact),
        )
    for chain, note in notes.items():
        yield Row(chain, runtime, 0, 0, 0, (0, 0, 0), (0, 0, 0), note)


def document(
    tables: Mapping[str, Sequence[Row]], work: Path, sets: Sequence[Dataset]
) -> Iterator[str]:
    """The lines of the document, a table for each model."""
    host, (data, lessons, test) = processor(), sets
    known = [f for f in ("avx2", "avx512", "vnni", "bf16", "amx") if f in " ".join(host.flags)]
    yield from ("# What compressing gains and costs", "")
    yield "<!-- Written by benchmarks/compression.py. -->"
    yield from ("", f"[How to compress](guide/compress.md). Calibrated on {len(data.samples)} and")
    yield f"taught on {len(lessons.samples)} pictures of `ocrx synth`, and measured on"
    yield f"{len(test.samples)} of {test.name}, compared as A-Z and 0-9 in upper case, with 95 %"
    yield "intervals. Time is processor time of one thread, from a picture to its text, and beside"
    yield "it the ratio to the original on the same runtime; all networks of a model took turns."
    yield f"Measured with ocrx {VERSION} on {host.name}, whose instructions are"
    yield f"{', '.join(known)}: on a processor with VNNI or AMX int8 is faster than here."
    for model, rows in tables.items():
        yield from ("", f"## {model}", "")
        yield f"| {' | '.join(HEADINGS)} |"
        yield f"|{' --- |' * len(HEADINGS)}"
        yield from (f"| {' | '.join(_cells(row))} |" for row in rows if not row.note)
        yield from ("", *_refused(rows), *_notes(model, rows, work))


def _cells(row: Row) -> tuple[str, ...]:
    chain = f"`--precision {CONVERTED}`" if row.chain == CONVERTED else row.chain or "none"
    return (
        chain, row.runtime, f"{row.megabytes:.2f}", f"{row.ms:.2f}", f"{row.ratio:.2f}",
        _percent(row.characters), _percent(row.exact),
    )  # fmt: skip


def _refused(rows: Sequence[Row]) -> Iterator[str]:
    """Which chains do not run on a runtime, and why."""
    for runtime in dict.fromkeys(row.runtime for row in rows if row.note):
        refused = [row for row in rows if row.note and row.runtime == runtime]
        why = refused[0].note.split(" (tried")[0]
        yield f"- Not on {runtime}: {'; '.join(row.chain for row in refused)}. The first: {why}."


def _notes(model: str, rows: Sequence[Row], work: Path) -> Iterator[str]:
    """What each chain says of its work."""
    for chain in dict.fromkeys(row.chain for row in rows):
        found = record_of(place(work, model, chain)) if chain else None
        notes = [note for step in found[0].steps for note in step.notes] if found else []
        if notes:
            yield f"- {chain}: {'; '.join(notes)}."


def _opened(reference: str, runtime: str, precision: Precision) -> Recognizer:
    """The recogniser, for lines, on one thread."""
    assembly = Assembly(load_plugins(), Store(), layout="line")
    session = SessionOptions(precision=precision, threads=1)
    return cast("Recognizer", assembly.component("recognizer", reference, runtime, session))


def _precision(chain: str) -> Precision:
    return "int8" if chain == CONVERTED else "auto"


def _size(reference: str, runtime: str, precision: Precision) -> float:
    """The size, in 10**6 bytes, of what the runtime opens."""
    assembly = Assembly(load_plugins(), Store())
    model = assembly.network("recognizer", reference)
    assert model is not None
    session = SessionOptions(precision=precision)
    (artifact,) = assembly.artifacts(model, assembly.backend(runtime), session).values()
    return megabytes(artifact) * 2**20 / 1e6


def _triple(interval: Interval | None) -> tuple[float, float, float]:
    return (interval.value, interval.low, interval.high) if interval else (0.0, 0.0, 0.0)


def _percent(triple: Sequence[float]) -> str:
    value, low, high = triple
    return f"{value:.1f} % ({low:.1f} to {high:.1f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--lessons", type=Path)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--chains", nargs="+", help="CHAINS, and those OWN to a model")
    parser.add_argument("--backends", nargs="+", default=RUNTIMES)
    parser.add_argument("--work", type=Path, default=Path("runs/compression"))
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--limit", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
