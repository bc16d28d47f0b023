"""What networks cost and how well they read: a quick look in this process, and the figures of the
harness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ocrx.bench.data.dataset import Answer, Dataset, ReadLine
from ocrx.bench.data.info import content, picture
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.quality import measure_quality
from ocrx.bench.figures.result import Cell, CellResult, Interval
from ocrx.bench.run.runner import Observer, run_matrix
from ocrx.bench.run.settings import Settings
from ocrx.errors import ConversionFailed, InputError
from ocrx.reading.reader import Reader
from ocrx.types import Page
from ocrx.weights.records import Figure

Kind: TypeAlias = Literal["recognizer", "detector"]

ROUNDS = 3
WARM_SECONDS = 5.0
PARTNER = "paddle"
"""What finds lines for a recogniser on pages, and reads what a detector finds."""


@dataclass(frozen=True)
class Bench:
    """How networks of a component are measured: those of `kind`, on these runtimes. `options` are
    those of the reader."""

    kind: Kind
    runtimes: Sequence[str]
    folding: Folding
    options: Mapping[str, Mapping[str, Any]]

    @property
    def measure(self) -> str:
        """The name of the accuracy that counts."""
        return "characters" if self.kind == "recognizer" else "words"

    def accuracy(self, reference: str, data: Dataset) -> float:
        """The accuracy in percent of the component on the first runtime, read in this process."""
        line = data.kind == "lines"
        models = {self.kind: reference}
        answers: list[Answer | None] = []
        with Reader(
            models.get("detector"),
            models.get("recognizer"),
            self.runtimes[0],
            layout="line" if line else "page",
            options=self.options,
        ) as reader:
            for sample in data.samples:
                try:
                    page = reader.read(picture(sample, content(sample)))
                except InputError:
                    answers.append(None)
                else:
                    answers.append(_answer(page))
        quality = measure_quality(data.samples, answers, self.folding)
        found: Interval | None = getattr(quality, self.measure)
        return 0.0 if found is None else found.value

    def figures(
        self, references: Sequence[str], data: Dataset, observer: Observer
    ) -> tuple[list[list[Figure]], Mapping[str, Any]]:
        """The figures of each component on each runtime, and the machine and versions that they
        hold for. All cells are measured in turn, so that a drift of the machine affects all alike.

        Raises ConversionFailed, with the reason, for a cell that fails.
        """
        cells = [self._cell(one, runtime, data) for one in references for runtime in self.runtimes]
        settings = Settings(
            ROUNDS,
            warm_seconds=WARM_SECONDS,
            parity=False,
            folding=self.folding,
            options=self.options,
            download=True,
        )
        result = run_matrix(data, cells, settings, observer)
        figures = [self._figure(cell) for cell in result.cells]
        count = len(self.runtimes)
        found = result.environment
        machine = {
            "cpu": found.cpu,
            "cpu_flags": list(found.cpu_flags),
            "cores": found.cores,
            "packages": dict(found.packages),
        }
        return [figures[i : i + count] for i in range(0, len(figures), count)], machine

    def _cell(self, reference: str, runtime: str, data: Dataset) -> Cell:
        if self.kind == "detector":
            return Cell(PARTNER, reference, runtime)
        return Cell(reference, "" if data.kind == "lines" else PARTNER, runtime)

    def _figure(self, result: CellResult) -> Figure:
        if result.figures is None:
            raise ConversionFailed(
                f"{result.cell.name} cannot be measured: {result.reason}", result.remedy
            )
        quality, cost = result.figures.quality, result.figures.cost
        task = "recognition" if self.kind == "recognizer" else "detection"
        used = next(one for one in result.figures.used if one.task == task)
        accuracy = _triple(getattr(quality, self.measure))
        return Figure(
            used.backend,
            used.precision,
            cost.model_mb or 0.0,
            cost.p50,
            accuracy or (0.0, 0.0, 0.0),
            _triple(quality.exact),
        )


def _triple(interval: Interval | None) -> tuple[float, float, float] | None:
    return None if interval is None else (interval.value, interval.low, interval.high)


def _answer(page: Page) -> Answer:
    text = " ".join(line.text for line in page.lines)
    if page.layout == "line":
        return Answer(text)
    lines = tuple(
        ReadLine(tuple((float(x), float(y)) for x, y in line.quad), line.text)
        for line in page.lines
    )
    return Answer(text, lines)
