"""Which decoder a reader uses, and where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ocrx import Reader
from ocrx.errors import PluginError, UnknownName, UnknownOption, UsageError
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.types import Image
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
