"""The catalogue of PP-OCR models: `catalogue.json` as ModelSpecs, read once.

A variant is named after its generation and its size or language: `v6-small`, `v5-latin`. The first
variant of a task is the default. `fast` is the default compressed; its file is in this package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from ocrx.artifacts import Axis, Dimension, ModelSpec, PackageFile, Source
from ocrx.names import Task

Colour = tuple[float, float, float]

INPUT = "x"
"""The name of the only input of every model."""


@dataclass(frozen=True)
class Parameters:
    """How a model takes pictures: as `(pixel / 255 - mean) / std`, with channels in the order
    `channels`.

    `height` and `width` are the size of the input in pixels; None if it varies. With `keep_ratio` a
    picture keeps its proportions, and the rest of the input, on the right, is 0. `degrees` are the
    classes of an orientation network. `middle` is the side of the central square that it looks at,
    as a fraction of the picture's shorter side, or None if it looks at the whole picture.
    """

    channels: Literal["BGR", "RGB"]
    mean: Colour
    std: Colour
    height: int | None = None
    width: int | None = None
    keep_ratio: bool = True
    degrees: tuple[int, ...] = (0, 180)
    middle: float | None = None


@cache
def specs(task: Task) -> Mapping[str, ModelSpec]:
    """All models for `task` by variant, the default first."""
    return MappingProxyType({variant: _spec(task, variant) for variant in _data()[task]})


@cache
def parameters(task: Task, variant: str) -> Parameters:
    """The parameters of one model. Raises KeyError if there is no such variant."""
    data = _data()
    values = {**data["parameters"][task], **data[task][variant].get("parameters", {})}
    values.update({name: tuple(one) for name, one in values.items() if isinstance(one, list)})
    return Parameters(**values)


def dictionary(variant: str) -> Source | None:
    """The text file with the charset of a recogniser some of whose exports carry none."""
    entry = _data()["recognition"].get(variant, {}).get("dictionary")
    if entry is None:
        return None
    return Source(
        filename=entry["path"].rpartition("/")[2],
        package=PackageFile(entry["package"], entry["path"]),
        sha256=entry["sha256"],
    )


@cache
def _data() -> Mapping[str, Any]:
    text = files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    data: Mapping[str, Any] = json.loads(text)
    return data


def _spec(task: Task, variant: str) -> ModelSpec:
    data = _data()
    entry = data[task][variant]
    return ModelSpec(
        name=entry["upstream"],
        task=task,
        artifacts={entry.get("format", "onnx"): _source(entry)},
        shapes={INPUT: _shape(task, parameters(task, variant))},
        licence=data["licence"],
        homepage=data["homepage"],
        languages=_languages(entry["languages"]),
        precision=entry.get("precision", "fp32"),
        tier=entry.get("tier"),
        rounded={
            (one["format"], one["precision"]): _source(one)
            for one in data[task].values()
            if one.get("compressed") == variant
        },
    )


def _source(entry: Mapping[str, Any]) -> Source:
    package = PackageFile(**entry["package"]) if "package" in entry else None
    place = entry.get("url") or entry["package"]["path"]
    return Source(
        filename=place.rpartition("/")[2],
        package=package,
        url=entry.get("url"),
        sha256=entry["sha256"],
        size=entry["size"],
    )


def _languages(languages: str | list[str]) -> tuple[str, ...]:
    return tuple(_data()["languages"][languages] if isinstance(languages, str) else languages)


def _shape(task: Task, known: Parameters) -> tuple[Dimension, ...]:
    if task == "detection":
        return 1, 3, Axis(32, 736, 4096, 32), Axis(32, 960, 4096, 32)
    if known.height is None:
        raise ValueError(f"catalogue.json gives no height for {task}")
    if known.width is None:
        return Axis(1, 6, 16), 3, known.height, Axis(64, 320, 3200, 32)
    return Axis(1, 6, 32), 3, known.height, known.width
