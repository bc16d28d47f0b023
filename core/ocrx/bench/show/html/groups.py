"""Cells in rows and columns: by what reads, and by what it runs on."""

from __future__ import annotations

from dataclasses import replace

from ocrx.bench.figures.result import Cell

OWN = "own runtime"


def models_of(cell: Cell) -> str:
    """The models alone: "paddle", or "db+paddle"."""
    return replace(cell, backend="", precision="auto", device="auto", threads=None).name


def backend_of(cell: Cell) -> str:
    return cell.backend or OWN


def variant_of(cell: Cell) -> str:
    """Backend, precision and the rest: "openvino int8". "" where nothing but the models is told."""
    return cell.name.removeprefix(models_of(cell)).strip()


def setting_of(cell: Cell) -> str:
    """What is beside the backend: "int8 gpu"; "as it comes" where nothing was said."""
    told = replace(cell, backend="").name.removeprefix(models_of(cell)).strip()
    return told or "as it comes"
