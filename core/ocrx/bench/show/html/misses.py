"""The most frequent confusions, and the pictures that were read worst."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from ocrx.bench.data.dataset import Dataset, Sample
from ocrx.bench.figures.measures import Measure
from ocrx.bench.figures.result import CellResult, Miss, Quality, Result
from ocrx.bench.show.html.difference import Piece, pieces
from ocrx.errors import OcrxError
from ocrx.images.opening import open_document
from ocrx.system.text import printable

PICTURES = 12
PAIRS = 20
SIDES = (560, 240)
"""The largest width and height of a picture in the report, in pixels. Pages may be twice as
high."""

SMALL, MOST = 56, 3.0
"""A picture of fewer pixels in height than SMALL is enlarged to it, but at most MOST times."""

NOTHING, SPACE = "nothing", "space"


@dataclass(frozen=True)
class Picture:
    """A picture in the report. `uri` holds its pixels; `width` and `height` are its size on screen.
    If it cannot be shown, `uri` is "" and `problem` says why."""

    uri: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Reading:
    """A text that was read: by which models, with which character accuracy in percent, and how it
    differs from the truth."""

    name: str
    read: str
    characters: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Card:
    """A picture that was read wrongly, and what the models read in it."""

    sample: str
    truth: str
    picture: Picture
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class ConfusionTable:
    """Confusions, as rows of (truth, read, total count, count for each of `models`)."""

    models: tuple[str, ...]
    rows: tuple[tuple[str, str, int, tuple[int, ...]], ...]


def representatives(result: Result, accuracy: Measure | None) -> dict[str, CellResult]:
    """The most accurate cell of each combination of models. A mismatch is taken only if there is no
    other. One cell suffices, because a model reads almost the same on all runtimes."""
    found: dict[str, CellResult] = {}
    for cell in result.cells:
        if not cell.figures:
            continue
        name = cell.cell.models
        if name not in found or _merit(cell, accuracy) > _merit(found[name], accuracy):
            found[name] = cell
    return found


def confusions(chosen: dict[str, CellResult]) -> ConfusionTable:
    """The pairs that were confused most often by all models together."""
    counts = {
        name: {(c.truth, c.read): c.count for c in _quality(cell).confusions}
        for name, cell in chosen.items()
    }
    pairs = dict.fromkeys(pair for of_model in counts.values() for pair in of_model)
    rows = [
        (
            _named(truth),
            _named(read),
            sum(of_model.get((truth, read), 0) for of_model in counts.values()),
            tuple(of_model.get((truth, read), 0) for of_model in counts.values()),
        )
        for truth, read in pairs
    ]
    rows.sort(key=lambda row: -row[2])
    return ConfusionTable(tuple(map(printable, chosen)), tuple(rows[:PAIRS]))


def cards(chosen: dict[str, CellResult], dataset: Dataset | None) -> list[Card]:
    """The pictures that were read worst, the worst first. They are shown if `dataset` is given."""
    missed: dict[str, list[tuple[str, Miss]]] = {}
    for name, cell in chosen.items():
        for miss in _quality(cell).worst:
            missed.setdefault(miss.sample, []).append((name, miss))
    order = sorted(missed, key=lambda sample: mean(m.characters for _, m in missed[sample]))
    shown = order[:PICTURES]
    samples = _samples(dataset, shown)
    return [
        Card(
            printable(sample),
            missed[sample][0][1].truth,
            _picture(samples.get(sample), dataset),
            _readings(missed[sample]),
        )
        for sample in shown
    ]


def _merit(cell: CellResult, accuracy: Measure | None) -> tuple[bool, float]:
    value = accuracy.value(cell) if accuracy else None
    return cell.state != "mismatch", value or 0.0


def _quality(cell: CellResult) -> Quality:
    return cell.figures.quality if cell.figures else Quality(0, "none")


def _named(text: str) -> str:
    """A character, with a name for what cannot be seen."""
    return {"": NOTHING, " ": SPACE}.get(text, printable(text))


def _readings(missed: Sequence[tuple[str, Miss]]) -> tuple[Reading, ...]:
    """One reading for each different text, with all models that read it."""
    who: dict[str, list[str]] = {}
    for name, miss in missed:
        who.setdefault(miss.read, []).append(printable(name))
    first = {miss.read: miss for _, miss in reversed(missed)}
    return tuple(
        Reading(
            ", ".join(names), read, first[read].characters, tuple(pieces(first[read].truth, read))
        )
        for read, names in who.items()
    )


def _samples(dataset: Dataset | None, wanted: Sequence[str]) -> dict[str, Sample]:
    names = set(wanted)
    return {s.name: s for s in dataset.samples if s.name in names} if dataset else {}


def _picture(sample: Sample | None, dataset: Dataset | None) -> Picture:
    if sample is None:
        why = "it is no longer in the dataset" if dataset else "the dataset was not given"
        return Picture(problem=f"Not shown: {why}.")
    try:
        with open_document(sample.source) as document:
            image = document.image(0)
    except (OcrxError, OSError) as error:
        return Picture(problem=f"Not shown: {printable(str(error))}")
    import PIL.Image

    picture = PIL.Image.fromarray(image)
    width, height = SIDES
    picture.thumbnail((width, height * (1 if sample.lines is None else 2)))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=82, optimize=True)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    larger = min(max(SMALL / picture.height, 1.0), MOST)
    shown = (round(picture.width * larger), round(picture.height * larger))
    return Picture(f"data:image/jpeg;base64,{data}", *shown)
