"""Which model a user means: a variant from the catalogue, or a file of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ocrx.artifacts import ModelSpec, Source
from ocrx.errors import UnknownName
from ocrx.names import Task
from ocrx.system.suggest import did_you_mean
from ocrx_paddleocr.catalogue import Parameters, parameters, specs


def find(task: Task, variant: str) -> tuple[ModelSpec, Parameters]:
    """The model of that variant, and its parameters. "" means the default variant.

    A variant that ends in .onnx is the path of a model that has the default's parameters. Raises
    UnknownName for any other unknown variant.
    """
    known = specs(task)
    default = next(iter(known))
    chosen = variant or default
    if chosen in known:
        return known[chosen], parameters(task, chosen)
    path = Path(chosen).expanduser()
    if path.suffix == ".onnx":
        own = replace(
            known[default],
            name=path.stem,
            artifacts={"onnx": Source(path.name, path=path)},
            licence="",
            homepage="",
            languages=(),
        )
        return own, parameters(task, default)
    raise UnknownName(
        f"there is no PP-OCR {task} model {chosen!r}",
        f"{did_you_mean(chosen, known, most=3)}"
        "`ocrx models list` shows them all; a path must end in .onnx.",
    )
