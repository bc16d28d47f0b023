"""The characters a recogniser can read, asked of it without a runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ocrx.errors import PluginError
from ocrx.interfaces.components import Recognizer
from ocrx.networks.network import NetworkRecognizer
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.assembly import Assembly
from ocrx.types import Image, Text
from ocrx.weights.store import Store
from support.fakenetwork import Echo, WidthModel, joined


class Digits(WidthModel):
    charset = ("0", "1", "ffi")


class Silent(Recognizer):
    closed = 0

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return [Text()] * len(crops)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def assembly(tmp_path: Path, silent: Silent) -> Assembly:
    registrar = Registrar("acme", "acme-ocr")
    registrar.add("recognizer", "digits", lambda request: Digits())
    registrar.add("recognizer", "silent", lambda request: silent)
    registrar.add("recognizer", "number", lambda request: 42)
    registry = Registry([PluginRecord("acme", "acme-ocr", "1", registrar.added)])
    return Assembly(registry, Store(tmp_path / "cache", offline=True))


def test_a_network_s_charset_needs_no_runtime(assembly: Assembly) -> None:
    assert assembly.charset("digits") == frozenset("01fi")


def test_a_recogniser_that_does_not_say_is_closed_again(assembly: Assembly, silent: Silent) -> None:
    assert assembly.charset("silent") is None
    assert silent.closed == 1


def test_what_is_no_recogniser_is_told(assembly: Assembly) -> None:
    with pytest.raises(PluginError, match="made a int"):
        assembly.charset("number")


def test_a_recogniser_on_a_runtime_has_its_model_s_charset() -> None:
    assert NetworkRecognizer(joined(Digits(), Echo(1))).charset == ("0", "1", "ffi")
    assert NetworkRecognizer(joined(WidthModel(), Echo(1))).charset is None
