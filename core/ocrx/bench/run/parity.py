"""Does a cell read what the reference runtime reads, with the same models on the same pictures?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, get_args

from ocrx.bench.data.dataset import Answer
from ocrx.bench.figures.result import Cell, Parity, Quality
from ocrx.bench.run.log import Log
from ocrx.names import Task

Models: TypeAlias = tuple[str, str, str, str]
"""Detector, recogniser, decoder and preprocessors."""

REFERENCES = ("onnxruntime", "openvino")
"""Others are compared with the first of these runtimes that works, in fp32 on the processor."""

HALF = ("fp16", "bf16")
LEAST_EQUAL = {"fp32": 100.0, "half": 99.5}
"""The percentage of lines whose texts must be equal."""

NETWORKS = get_args(Task)
"""The tasks that runtimes differ in. Preprocessors do the same for all."""

FEW = 1
"""Lines that may differ in half precision even in a small set: half a percent of 100 is none."""

MOST_LOST = 1.0
"""Percentage points of accuracy that int8 may lose."""


def models_of(cell: Cell) -> Models:
    return cell.detector, cell.recognizer, cell.decoder, cell.preprocessors


def reference_cell(models: Models, backend: str) -> Cell:
    detector, recognizer, decoder, chain = models
    return Cell(recognizer, detector, backend, "fp32", "cpu", decoder=decoder, preprocessors=chain)


def reference_key(cell: Cell) -> str:
    return f"reference {cell.name}"


def is_reference(log: Log, backend: str) -> bool:
    """Whether the cell ran on that runtime alone, in fp32 on the processor."""
    if not log.measured or not log.opened:
        return False
    used = [one for one in log.opened[0].used if one.task in NETWORKS]
    return bool(used) and all(
        (one.backend, one.precision, one.device.lower()) == (backend, "fp32", "cpu") for one in used
    )


def find_reference(
    models: Models, cells: Mapping[str, Cell], logs: Mapping[str, Log]
) -> tuple[str, Log] | None:
    """The name of the reference runtime and its log; None if there is no reference."""
    same = [logs[key] for key, cell in cells.items() if models_of(cell) == models]
    for backend in REFERENCES:
        extra = logs.get(reference_key(reference_cell(models, backend)), Log())
        for log in (*same, extra):
            if is_reference(log, backend):
                return backend, log
    return None


def compare(
    reference: str,
    mine: Sequence[Answer | None],
    theirs: Sequence[Answer | None],
    quality: Quality,
    reference_quality: Quality,
) -> Parity:
    """Compare what a cell read in each picture, `mine`, with what the reference read, by line."""
    same = lines = 0
    for one, other in zip(mine, theirs, strict=True):
        texts, expected = Counter(_texts(one)), Counter(_texts(other))
        same += (texts & expected).total()
        lines += max(texts.total(), expected.total())
    ours, its = (one.words or one.characters for one in (quality, reference_quality))
    change = ours.value - its.value if ours and its else 0.0
    return Parity(reference, 100 * same / lines if lines else 100.0, change, lines)


def _texts(answer: Answer | None) -> list[str]:
    if answer is None:
        return []
    return [line.text for line in answer.lines] or [answer.text]


def mismatch(parity: Parity, precisions: Iterable[str]) -> str:
    """How the cell differs from the reference by more than its precisions allow; "" if not."""
    rule = _rule(list(precisions))
    if rule == "int8":
        if parity.change >= -MOST_LOST:
            return ""
        return (
            f"accuracy is {-parity.change:.2f} points below that of {parity.reference} in fp32; "
            f"int8 may lose {MOST_LOST:g}"
        )
    differing = round(parity.lines * (1 - parity.equal / 100))
    if parity.equal >= LEAST_EQUAL[rule] or (rule == "half" and differing <= FEW):
        return ""
    change = f", {parity.change:+.2f} points of accuracy" if parity.change else ""
    return (
        f"{parity.equal:.1f} % of {parity.lines} texts equal those of {parity.reference} in fp32"
        f"{change}; {'half precision' if rule == 'half' else 'fp32'} must have "
        f"{LEAST_EQUAL[rule]:g} %"
    )


def _rule(precisions: Sequence[str]) -> str:
    """The rule of the coarsest precision that ran."""
    if "int8" in precisions:
        return "int8"
    return "half" if set(precisions) & set(HALF) else "fp32"
