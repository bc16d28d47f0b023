"""What was confused, and the pictures that were read worst."""

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
from ocrx.bench.show.html.groups import models_of
from ocrx.errors import OcrxError
from ocrx.images.opening import open_document
from ocrx.system.text import printable

PICTURES = 12
PAIRS = 20
SIDES = (560, 240)
"""Pixels that a picture has at most in the report; twice that in height for pages."""

SMALL, MOST = 56, 3.0
"""A picture less high than that is shown larger, though not more than three times."""

NOTHING, BLANK = "nothing", "blank"


@dataclass(frozen=True)
class Picture:
    """`uri` holds its pixels, `width` and `height` are those it is shown with; without pixels,
    `problem` says why it cannot be shown."""

    uri: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Reading:
    name: str
    read: str
    characters: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Card:
    """A picture that was read badly, and by whom."""

    sample: str
    truth: str
    picture: Picture
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class ConfusionTable:
    """Rows of (truth, read, total, counts by model)."""

    models: tuple[str, ...]
    rows: tuple[tuple[str, str, int, tuple[int, ...]], ...]


def representatives(result: Result, accuracy: Measure | None) -> dict[str, CellResult]:
    """For each combination of models, the cell that reads best: runtimes of one model read alike,
    and one of them tells what it confuses. Cells that are not a mismatch come first."""
    found: dict[str, CellResult] = {}
    for cell in result.cells:
        if not cell.figures:
            continue
        name = models_of(cell.cell)
        if name not in found or _merit(cell, accuracy) > _merit(found[name], accuracy):
            found[name] = cell
    return found


def confusions(chosen: dict[str, CellResult]) -> ConfusionTable:
    """The pairs that were confused most often, over all models."""
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
    """The pictures read worst, the worst first; embedded where the dataset is at hand."""
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
    """A character so that it can be seen."""
    return {"": NOTHING, " ": BLANK}.get(text, printable(text))


def _readings(missed: Sequence[tuple[str, Miss]]) -> tuple[Reading, ...]:
    """One for each text that was read, by whomever."""
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
        why = "it is not in the dataset any more" if dataset else "the dataset was not at hand"
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
