"""Options find the one component that they are meant for, and never get lost."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import ocrx
from ocrx.errors import UnknownOption, UsageError
from ocrx.interfaces.components import Preprocessor
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import Registry, load_plugins
from ocrx.types import Image


@dataclass(frozen=True)
class Shade:
    shade: int = 0


@dataclass(frozen=True)
class Tint:
    tint: int = 0


class Seen(Preprocessor):
    """Tells what it was made with, and when it was called."""

    made: dict[str, Any]
    called: list[str]

    def __init__(self, name: str, request: Request) -> None:
        self.name = name
        self.made[name] = request.options

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        self.called.append(self.name)
        return [(image, np.eye(3)) for image in images]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The fake reader, and two preprocessors with options of their own."""
    module = ModuleType("shades")

    @ocrx.hookimpl
    def ocrx_register(registry: Registrar) -> None:
        registry.add("preprocessor", "shade", lambda r: Seen("shade", r), options=Shade)
        registry.add("preprocessor", "tint", lambda r: Seen("tint", r), options=Tint)

    vars(module)["ocrx_register"] = ocrx_register
    monkeypatch.setitem(sys.modules, "shades", module)
    monkeypatch.setattr(Seen, "made", {}, raising=False)
    monkeypatch.setattr(Seen, "called", [], raising=False)
    return load_plugins(
        [EntryPoint("fake", "support.fakereader", "ocrx"), EntryPoint("shades", "shades", "ocrx")]
    )


def open_reader(registry: Registry, preprocessors: Sequence[str], **options: Any) -> None:
    keyed = {key.replace("__", "."): values for key, values in options.items()}
    ocrx.Reader(
        recognizer="fake", preprocessors=preprocessors, registry=registry, options=keyed
    ).close()


def test_a_kind_is_enough_where_there_is_one(registry: Registry) -> None:
    open_reader(registry, ["tint"], preprocessor={"tint": "3"})
    assert Seen.made == {"tint": Tint(3)}


def test_a_name_tells_them_apart(registry: Registry) -> None:
    open_reader(registry, ["shade", "tint"], preprocessor__tint={"tint": 3})
    assert Seen.made == {"shade": Shade(0), "tint": Tint(3)}


def test_a_kind_and_a_name_may_be_mixed_and_the_name_wins(registry: Registry) -> None:
    open_reader(registry, ["tint"], preprocessor={"tint": 1}, preprocessor__tint={"tint": 2})
    assert Seen.made == {"tint": Tint(2)}


def test_the_same_one_twice_is_no_question(registry: Registry) -> None:
    open_reader(registry, ["tint", "tint"], preprocessor={"tint": 1})
    assert Seen.made == {"tint": Tint(1)}


def test_a_kind_alone_is_not_enough_where_there_are_several(registry: Registry) -> None:
    with pytest.raises(UsageError, match="several of these are used") as caught:
        open_reader(registry, ["tint", "shade"], preprocessor={"tint": 1})
    assert caught.value.remedy == "Say for which: preprocessor.shade, preprocessor.tint."


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("preprocessor__tint", "Used here: .*preprocessor.shade"),
        ("preprocessor__shadow", "Did you mean 'preprocessor.shade'"),
        ("preprocesor", "Did you mean 'preprocessor'"),
        ("detector__other", "Used here: page_reader.fake"),
        ("backend", "Used here"),
    ],
)
def test_options_of_what_is_not_used_are_refused(registry: Registry, key: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"which is not used. .*{hint}"):
        open_reader(registry, ["shade"], **{key: {"tint": 1}})
    assert Seen.made == {}


def test_options_of_an_engine_for_whole_pages_go_by_its_own_kind(registry: Registry) -> None:
    open_reader(registry, [], page_reader__fake={"suffix": "!"})
    with pytest.raises(UnknownOption, match="page_reader fake has no option"):
        open_reader(registry, [], page_reader={"sufix": "!"})


def test_preprocessors_run_in_the_order_given(registry: Registry) -> None:
    names = ["tint", "shade", "tint"]
    with ocrx.Reader(recognizer="fake", preprocessors=names, registry=registry) as reader:
        reader.read(np.zeros((20, 40, 3), np.uint8))
    assert Seen.called == names
