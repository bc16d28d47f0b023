"""Groups cells for tables: by their models, and by the runtime and its settings."""

from __future__ import annotations

from dataclasses import replace

from ocrx.bench.figures.result import Cell

OWN = "own runtime"
DEFAULT = "default"


def backend_of(cell: Cell) -> str:
    """The name of the runtime; OWN for an engine that has a runtime of its own."""
    return cell.backend or OWN


def variant_of(cell: Cell) -> str:
    """Runtime, precision and the rest: "openvino int8". "" if the cell's name has only models."""
    return cell.name.removeprefix(cell.models).strip()


def setting_of(cell: Cell) -> str:
    """Precision, device and threads: "int8 gpu"; DEFAULT if none of them is set."""
    told = replace(cell, backend="").name.removeprefix(cell.models).strip()
    return told or DEFAULT
