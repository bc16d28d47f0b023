"""Which model a user means: a variant from the catalogue, or a file of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ocrx.artifacts import Format, ModelSpec, Source
from ocrx.errors import UnknownName
from ocrx.names import Task
from ocrx.system.suggest import did_you_mean
from ocrx.weights.records import check_task, record_of
from ocrx_paddleocr.catalogue import Parameters, parameters, specs
from ocrx_paddleocr.export import is_paddle, read_export


def find(task: Task, variant: str) -> tuple[ModelSpec, Parameters]:
    """The model of that variant, and its parameters. "" means the default variant.

    A variant that ends in .onnx is the path of a model, and so is that of a Paddle model: its file
    (.json or .pdmodel), or the folder or .tar that holds it. What its `inference.yml` says goes for
    it, and the default's parameters for the rest. A compressed model, the folder or the file in it,
    is like the model that it was made from. Raises UnknownName for any other unknown variant,
    WeightsError for an `inference.yml` that cannot be read.
    """
    compressed = record_of(Path(variant).expanduser()) if variant else None
    if compressed is not None:
        record, folder = compressed
        check_task(record, task, folder)
        spec, known_parameters = find(task, record.variant)
        return record.applied(spec, folder), known_parameters
    known = specs(task)
    default = next(iter(known))
    chosen = variant or default
    if chosen in known:
        return known[chosen], parameters(task, chosen)
    path = Path(chosen).expanduser()
    if path.suffix == ".onnx" or is_paddle(path):
        return _own(task, path, known[default], parameters(task, default))
    raise UnknownName(
        f"there is no PP-OCR {task} model {chosen!r}",
        f"{did_you_mean(chosen, known, most=3)}"
        "`ocrx models list` shows them all; a path must end in .onnx, or be that of a Paddle "
        "model: a folder, .tar, .json or .pdmodel.",
    )


def _own(
    task: Task, path: Path, default: ModelSpec, usual: Parameters
) -> tuple[ModelSpec, Parameters]:
    """The user's own model at that path."""
    export = read_export(path)
    form: Format = "paddle" if is_paddle(path) else "onnx"
    known = replace(usual, **export.values)
    shapes = default.shapes
    if task == "recognition" and known.height != usual.height:
        shapes = {name: (n, 3, known.height or 0, w) for name, (n, _, _, w) in shapes.items()}
    spec = replace(
        default,
        name=export.name or (path.name if path.is_dir() else path.stem),
        artifacts={form: Source(path.name, path=path)},
        rounded={},
        shapes=shapes,
        licence="",
        homepage="",
        languages=(),
    )
    return spec, known
