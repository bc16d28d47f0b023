"""The recognisers of codes that are in this package, and those that a user trained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from ocrx.artifacts import Axis, ModelSpec, PackageFile, Source
from ocrx.errors import UnknownName, WeightsError
from ocrx.weights.onnx_metadata import onnx_metadata
from ocrx.weights.records import check_task, record_of
from ocrx.weights.store import Store

INPUT = "pictures"
"""The name of the only input of every network."""

HEIGHT = 32
"""The height of a line, in pixels."""

SHAPE = Axis(1, 8, 64), 3, HEIGHT, Axis(32, 320, 2048, 32)


def _spec(name: str, source: Source, licence: str) -> ModelSpec:
    return ModelSpec(
        name=name,
        task="recognition",
        artifacts={"onnx": source},
        shapes={INPUT: SHAPE},
        licence=licence,
    )


@cache
def models(recognizer: str) -> Mapping[str, ModelSpec]:
    """The models of a recogniser by variant, the default first: those of `catalogue.json`, whose
    files are in the folder `weights`."""
    text = files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            variant: _spec(
                f"ocrx-{recognizer}-{variant}",
                Source(
                    entry["file"],
                    package=PackageFile("ocrx_codes", f"weights/{entry['file']}"),
                    sha256=entry["sha256"],
                    size=entry["size"],
                ),
                "Apache-2.0",
            )
            for variant, entry in json.loads(text)[recognizer].items()
        }
    )


def find(recognizer: str, variant: str) -> ModelSpec:
    """The model of that variant, or the one in an .onnx file that `ocrx train` wrote, or in the
    folder of a compressed one. "" means the default. Raises UnknownName for any other."""
    known = models(recognizer)
    compressed = record_of(Path(variant).expanduser()) if variant else None
    if compressed is not None:
        record, folder = compressed
        check_task(record, "recognition", folder)
        file = Source(record.file, path=folder / record.file)
        return record.applied(known.get(record.variant) or _spec(record.model, file, ""), folder)
    chosen = variant or next(iter(known))
    if chosen in known:
        return known[chosen]
    path = Path(chosen).expanduser()
    if path.suffix == ".onnx":
        return _spec(path.stem, Source(path.name, path=path), "")
    raise UnknownName(
        f"{recognizer} has no variant {chosen!r}",
        f"There is: {', '.join(known)}. A path must end in .onnx.",
    )


def charset_of(spec: ModelSpec, store: Store) -> tuple[str, ...]:
    """The characters of classes 1, 2, ... of a recogniser, from the metadata of its file. Raises
    WeightsError if it has none, and what `Store.path` raises."""
    (source,) = spec.artifacts.values()
    path = store.path(source)
    characters = onnx_metadata(path).get("character")
    if not characters:
        raise WeightsError(
            f"{path} carries no charset", "Give the file that `ocrx train` wrote, as it is."
        )
    return tuple(characters.split("\n"))
