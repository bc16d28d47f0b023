"""The contract of preprocessors, on ocrx's own."""

from __future__ import annotations

from typing import Any

import pytest

from ocrx.interfaces.components import Preprocessor
from ocrx.plugins.options import make_options
from ocrx.plugins.registrar import Registrar, Request
from ocrx.testing import PreprocessorContract
from ocrx.weights.store import Store
from ocrx_opencv import OPTIONS, ocrx_register


def made(name: str, layout: Any = "page", **values: Any) -> Preprocessor:
    """The preprocessor, as its plugin makes it."""
    registrar = Registrar("opencv", "ocrx")
    ocrx_register(registrar)
    [entry] = [entry for entry in registrar.added if entry.name == name]
    options: Any = make_options(entry.options, values, name)
    built = entry.build(Request("", options, Store(offline=True), layout))
    assert isinstance(built, Preprocessor)
    return built


QUICK: dict[str, dict[str, int]] = {"denoise": {"patch": 3, "search": 5}}


class TestDefaults(PreprocessorContract):
    @pytest.fixture(autouse=True, params=sorted(OPTIONS))
    def _named(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self) -> Preprocessor:
        return made(self.name, **QUICK.get(self.name, {}))


class TestDeskewLines(PreprocessorContract):
    def make(self) -> Preprocessor:
        return made("deskew", layout="line")


class TestMedianStrongly(PreprocessorContract):
    def make(self) -> Preprocessor:
        return made("median", size=5)


class TestInvertAlways(PreprocessorContract):
    def make(self) -> Preprocessor:
        return made("invert", when="always")


class TestAdaptiveMean(PreprocessorContract):
    def make(self) -> Preprocessor:
        return made("adaptive", method="mean")


class TestUpscaleByAnyFactor(PreprocessorContract):
    def make(self) -> Preprocessor:
        return made("upscale", factor=1.37)
