"""Which decoder a reader uses, and where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ocrx import Reader
from ocrx.errors import PluginError, UnknownName, UnknownOption, UsageError
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.types import Image, Text
from support.fakectc import ColumnsBackend, Greedy, Lattice, Shout, ShoutOptions, line
from support.fakenetwork import WidthModel
from support.sound_components import SoundDetector, SoundPageReader, SoundRecognizer


@pytest.fixture
def registry() -> Registry:
    registrar = Registrar("mine", "mine-ocr")
    registrar.add("backend", "columns", lambda request: ColumnsBackend())
    registrar.add("detector", "paddle", lambda request: SoundDetector())
    registrar.add("recognizer", "lattice", lambda request: Lattice())
    registrar.add("recognizer", "own", lambda request: SoundRecognizer())
    registrar.add("recognizer", "widths", lambda request: WidthModel())
    registrar.add("page_reader", "whole", lambda request: SoundPageReader())
    registrar.add("decoder", "greedy", lambda request: Greedy())
    registrar.add("decoder", "shout", lambda request: Shout(request.options), options=ShoutOptions)
    registrar.add("decoder", "rubbish", lambda request: "no decoder")
    return Registry([PluginRecord("mine", "mine-ocr", "1", registrar.added)])


def read(registry: Registry, picture: Image, **settings: Any) -> tuple[str, str]:
    asked = {"recognizer": "lattice", "layout": "line", "orienter": None, **settings}
    with Reader(registry=registry, **asked) as reader:
        page = reader.read(picture)
    return page.text, page.used[0].decoder


@pytest.mark.parametrize(
    ("decoder", "options", "text", "used"),
    [
        (None, {}, "ab", "greedy"),
        ("greedy", {}, "ab", "greedy"),
        ("shout", {}, "ab!", "shout"),
        ("shout", {"decoder": {"times": "3"}}, "ab!!!", "shout"),
        ("shout", {"decoder.shout": {"times": 2}}, "ab!!", "shout"),
    ],
)
def test_the_decoder_asked_for_reads(
    registry: Registry,
    decoder: str | None,
    options: Mapping[str, Mapping[str, Any]],
    text: str,
    used: str,
) -> None:
    assert read(registry, line(1, 0, 2), decoder=decoder, options=options) == (text, used)


def test_what_cannot_be_had_is_said_before_anything_is_read(registry: Registry) -> None:
    with pytest.raises(UnknownName, match="no decoder named 'shot'") as caught:
        read(registry, line(1), decoder="shot")
    assert "Did you mean 'shout'" in caught.value.remedy
    with pytest.raises(PluginError, match="made a str in place of decoder 'rubbish'"):
        read(registry, line(1), decoder="rubbish")
    with pytest.raises(UnknownOption, match="decoder shout has no option 'time'"):
        read(registry, line(1), decoder="shout", options={"decoder": {"time": 1}})
    with pytest.raises(UsageError, match=r"'decoder.shout', which is not used"):
        read(registry, line(1), options={"decoder.shout": {"times": 1}})


@pytest.mark.parametrize(
    ("recognizer", "layout", "told"),
    [
        ("own", "line", "'own' is not a CTC network and takes no decoder"),
        ("widths", "line", "'widths' is not a CTC network and takes no decoder"),
        ("whole", "auto", "decoder"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [{"decoder": "greedy"}, {"options": {"decoder": {}}}, {"options": {"decoder.greedy": {}}}],
)
def test_a_recogniser_that_is_no_ctc_network_takes_none(
    registry: Registry, recognizer: str, layout: str, told: str, asked: Mapping[str, Any]
) -> None:
    with pytest.raises(UsageError, match=told):
        read(registry, line(1), recognizer=recognizer, layout=layout, **asked)


def test_a_line_is_read_in_several_views(registry: Registry) -> None:
    assert read(registry, np.repeat(line(1, 0, 2), 9, axis=1), views=2) == ("ab", "greedy")


def test_pictures_of_one_object_are_read_together(registry: Registry) -> None:
    frames = [line(1, 0, 2), line(1, 0, 1), line(1, 0, 2)]
    with Reader(registry=registry, recognizer="lattice", layout="line", orienter=None) as reader:
        page = reader.read_views(frames)
        assert page.text == "ab"
        with pytest.raises(UsageError, match="no pictures"):
            reader.read_views([])


def test_pages_are_not_read_together(registry: Registry) -> None:
    with (
        Reader(registry=registry, recognizer="lattice", orienter=None) as reader,
        pytest.raises(UsageError, match="single line"),
    ):
        reader.read_views([line(1)])


@pytest.mark.parametrize("views", [0, 9])
def test_there_are_only_so_many_views(registry: Registry, views: int) -> None:
    with pytest.raises(UsageError, match=f"views cannot be {views}"):
        read(registry, line(1), views=views)


def test_a_recogniser_of_its_own_is_asked_for_each_view() -> None:
    class Fixed(SoundRecognizer):
        """Reads what it is told."""

        def recognize(self, crops: Sequence[Image]) -> list[Text]:
            said = [("AB", 0.6), ("A8", 0.9), ("AB", 0.7)]
            return [Text.uniform(*said[index % 3]) for index in range(len(crops))]

    crops = [np.zeros((8, 30, 3), np.uint8)] * 3
    [(index, text)] = Fixed().recognize_views([crops])
    assert (index, text.text) == (2, "AB")
