"""Device, precision and threads of each component of a reader."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

import ocrx
from ocrx.errors import UsageError
from ocrx.interfaces.components import Detector, Recognizer
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registrar import TAKEN, Registrar, Request
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.types import Image, Region, Text


class Finds(Detector):
    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        return [[] for _ in pages]


class Reads(Recognizer):
    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return [Text() for _ in crops]


def asked(**wanted: Any) -> dict[str, SessionOptions]:
    """What a reader that is asked for that asks of its components."""
    found: dict[str, SessionOptions] = {}
    registrar = Registrar("own", "own")

    def build(kind: str, component: type[Any], request: Request) -> object:
        found[kind] = request.session
        return component()

    kinds: dict[Any, type[Any]] = {"detector": Finds, "recognizer": Reads}
    for kind, component in kinds.items():
        registrar.add(kind, "own", partial(build, kind, component), takes=TAKEN)
    registry = Registry([PluginRecord("own", "own", "1", registrar.added)])
    ocrx.Reader("own", "own", registry=registry, layout="page", **wanted).close()
    return found


def test_each_runs_as_it_is_asked_to() -> None:
    found = asked(
        precision="bf16", device="cpu", threads=4, detector_precision="fp32", detector_threads=1,
        recognizer_precision="int8",
    )  # fmt: skip
    assert found == {
        "detector": SessionOptions("cpu", "fp32", 1),
        "recognizer": SessionOptions("cpu", "int8", 4),
    }


def test_what_is_not_asked_of_one_is_asked_of_all() -> None:
    found = asked(device="cpu", recognizer_device="cuda:0", recognizer_threads=2)
    assert found == {
        "detector": SessionOptions("cpu"),
        "recognizer": SessionOptions("cuda:0", threads=2),
    }


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"detector_precision": "int9"}, "precision cannot be 'int9'"),
        ({"recognizer_precision": "int9"}, "precision cannot be 'int9'"),
        ({"detector_threads": 0}, "threads cannot be 0"),
        ({"recognizer_threads": -1}, "threads cannot be -1"),
    ],
)
def test_what_makes_no_sense_is_refused(wanted: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        asked(**wanted)
