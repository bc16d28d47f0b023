"""What requests may ask for."""

from __future__ import annotations

from functools import cache

import pytest

from ocrx.errors import UsageError
from ocrx.plugins.registry import load_plugins
from ocrx_cli.asked import asked
from ocrx_serve.asked import ReadOptions
from ocrx_serve.policy import check_allowed, check_origins, check_request

REFUSED = [
    ("recognizer", "paddle:/etc/passwd"),
    ("detector", "paddle:model.onnx"),
    ("recognizer", "/etc/passwd"),
    ("recognizer", "model.onnx"),
    ("set", "recognizer.dictionary=/etc/passwd"),
    ("set", "recognizer.paddle.dictionary=x"),
    ("set", "page_reader.tesseract.parameters=debug_file=/tmp/x"),
    ("set", "decoder.beam.words=/etc/passwd"),
    ("set", "backend.onnxruntime.engine_cache=/tmp"),
    ("set", "converter.tensorrt.workspace=1"),
    ("preprocessor", "otsu+clahe(device=x)"),
]
TAKEN = [
    ("recognizer", "paddle:v6-tiny"),
    ("recognizer", "none"),
    ("set", "detector.box_threshold=0.4"),
    ("set", "preprocessor.clahe.clip=3"),
    ("preprocessor", "clahe(clip=3)+otsu"),
    ("format", "hocr"),
]


REGISTRY = cache(load_plugins)
OPTIONS = cache(ReadOptions)


def check(name: str, value: str, *allowed: str) -> None:
    wanted = asked(OPTIONS().of_request([(name, value)]))
    check_request(wanted, REGISTRY(), allowed)


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_no_request_names_a_file(name: str, value: str) -> None:
    with pytest.raises(UsageError, match="requests"):
        check(name, value)


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_requests_choose(name: str, value: str) -> None:
    check(name, value)


def test_the_operator_allows_what_there_is() -> None:
    check_allowed(["recognizer.dictionary", "recognizer.paddle.dictionary"], REGISTRY())
    for wrong in ("nope", "recognizer.nope", "recognizer.none.dictionary", ""):
        with pytest.raises(UsageError, match=f"--allow {wrong}: no component has such an option"):
            check_allowed([wrong], REGISTRY())


@pytest.mark.parametrize(
    ("origin", "right"),
    [
        ("example.com", "https://example.com"),
        ("localhost:8080", "https://localhost:8080"),
        ("http://example.com/", "http://example.com"),
        ("https://Example.com/page?x", "https://example.com"),
    ],
)
def test_an_origin_is_a_scheme_and_a_host(origin: str, right: str) -> None:
    check_origins(["*", "null", right, "app://local"])
    with pytest.raises(UsageError, match="no origin") as raised:
        check_origins([origin])
    assert f"--cors {right}" in raised.value.remedy


def test_the_operator_may_allow_more() -> None:
    check("set", "recognizer.dictionary=x", "recognizer.dictionary")
    with pytest.raises(UsageError):
        check("set", "recognizer.paddle.dictionary=x", "recognizer.dictionary")
