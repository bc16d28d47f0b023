"""Does a cell read what the reference runtime reads, with the same models on the same pictures?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from ocrx.bench.log import Log
from ocrx.bench.result import Cell, Parity, Quality

Models: TypeAlias = tuple[str, str]
"""Detector and recogniser."""

REFERENCES = ("onnxruntime", "openvino")
"""The runtimes, in fp32 on the processor, that others are compared with: the first that is here."""

HALF = ("fp16", "bf16")
LEAST_EQUAL = {"fp32": 100.0, "half": 99.5}
"""Percent of the pictures whose texts must be equal."""

MOST_LOST = 1.0
"""Points of accuracy that int8 may lose."""


def models_of(cell: Cell) -> Models:
    return cell.detector, cell.recognizer


def reference_cell(models: Models, backend: str) -> Cell:
    return Cell(models[1], models[0], backend, "fp32", "cpu")


def reference_key(cell: Cell) -> str:
    return f"reference {cell.name}"


def is_reference(log: Log, backend: str) -> bool:
    """Whether all that the cell ran was that runtime in fp32 on the processor."""
    if not log.measured or not log.opened:
        return False
    used = log.opened[0].used
    return bool(used) and all(
        (one.backend, one.precision, one.device.lower()) == (backend, "fp32", "cpu") for one in used
    )


def find_reference(
    models: Models, cells: Mapping[str, Cell], logs: Mapping[str, Log]
) -> tuple[str, Log] | None:
    """The name of the reference runtime and what it read; None if there is none."""
    same = [logs[key] for key, cell in cells.items() if models_of(cell) == models]
    for backend in REFERENCES:
        extra = logs.get(reference_key(reference_cell(models, backend)), Log())
        for log in (*same, extra):
            if is_reference(log, backend):
                return backend, log
    return None


def compare(
    reference: str, log: Log, other: Log, quality: Quality, reference_quality: Quality
) -> Parity:
    """The cell's `log` against the reference's, `other`."""
    pairs = list(zip(log.rounds[0].prints, other.rounds[0].prints, strict=True))
    equal = 100 * sum(a == b for a, b in pairs) / len(pairs)
    mine, theirs = (one.words or one.characters for one in (quality, reference_quality))
    change = mine.value - theirs.value if mine and theirs else 0.0
    return Parity(reference, equal, change)


def mismatch(parity: Parity, precisions: Iterable[str]) -> str:
    """By how much the cell is off what its precision allows; "" if it is not."""
    rule = _rule(list(precisions))
    if rule == "int8":
        if parity.change >= -MOST_LOST:
            return ""
        return (
            f"accuracy is {-parity.change:.2f} points below that of {parity.reference} in fp32; "
            f"int8 may lose {MOST_LOST:g}"
        )
    if parity.equal >= LEAST_EQUAL[rule]:
        return ""
    change = f", {parity.change:+.2f} points of accuracy" if parity.change else ""
    return (
        f"{parity.equal:.1f} % of the texts equal those of {parity.reference} in fp32{change}; "
        f"{'half precision' if rule == 'half' else 'fp32'} must have {LEAST_EQUAL[rule]:g} %"
    )


def _rule(precisions: Sequence[str]) -> str:
    """By the coarsest of what ran."""
    if "int8" in precisions:
        return "int8"
    return "half" if set(precisions) & set(HALF) else "fp32"
