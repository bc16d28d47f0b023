"""A recogniser of two networks, an encoder and a decoder, in a reader and around it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocrx import Reader
from ocrx.artifacts import ModelSpec, Source
from ocrx.conversion.kept import cached
from ocrx.errors import BackendMissing, NoRoute
from ocrx.names import Precision
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry, load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store
from support.attention import Attention, picture, reading, spec

LINES = ["ab", "^ab", "a^b^a", "bbbb", "^", "b^ab"]


def installed(made: ModelSpec) -> Registry:
    """What is installed, and the recogniser."""
    registrar = Registrar("mine", "mine-ocr")
    registrar.add(
        "recognizer", "attention", lambda request: Attention(made), models=lambda: {"v1": made}
    )
    return Registry([*load_plugins().plugins, PluginRecord("m", "m", "1", registrar.added)])


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return installed(spec(tmp_path))


@pytest.mark.parametrize(
    ("backend", "precision"),
    [
        ("openvino", "auto"),
        ("onnxruntime", "fp32"),
        ("onnxruntime", "fp16"),
        pytest.param("openvino", "int8", marks=pytest.mark.slow),
    ],
)
def test_it_reads_lines(
    registry: Registry, backend: str, precision: Precision, cache_dir: Path
) -> None:
    """In fp16 and int8 each part is converted, and for int8 calibrated."""
    with Reader(
        recognizer="attention",
        backend=backend,
        precision=precision,
        layout="line",
        registry=registry,
        orienter=None,
    ) as reader:
        pages = list(reader.read_many([picture(line) for line in LINES]))
    assert [page.text for page in pages] == [reading(line) for line in LINES]
    told = [(used.model, used.backend) for used in pages[0].used]
    assert told == [("attention/encoder", backend), ("attention/decoder", backend)]
    assert len(cached(Store(cache_dir))) == (0 if precision in ("auto", "fp32") else 2)


def test_a_part_that_no_runtime_takes_is_named(tmp_path: Path) -> None:
    made = spec(tmp_path)
    decoder = replace(made.parts["decoder"], artifacts={"scroll": Source("x", path=tmp_path)})
    registry = installed(replace(made, parts={**made.parts, "decoder": decoder}))
    asked: dict[str, Any] = {"recognizer": "attention", "layout": "line", "registry": registry}
    with pytest.raises(NoRoute, match="attention/decoder is published as scroll"):
        Reader(backend="openvino", **asked)
    with pytest.raises(BackendMissing, match=r"can run attention \(onnx, scroll\)"):
        Reader(**asked)


def test_each_part_is_calibrated_with_what_it_is_fed_when_all_run(registry: Registry) -> None:
    assembly = Assembly(registry, Store(offline=True))
    encoder = assembly.calibration("recognizer", "attention", "encoder")
    decoder = assembly.calibration("recognizer", "attention", "decoder")
    assert encoder is not None
    assert decoder is not None
    assert encoder.identity != decoder.identity
    pictures, steps = list(encoder.batches()), list(decoder.batches())
    assert {tuple(feeds) for feeds in pictures} == {("picture",)}
    assert {tuple(feeds) for feeds in steps} == {("features", "where", "token")}
    assert len(steps) >= len(pictures)
    again = assembly.calibration("recognizer", "attention", "decoder")
    assert again is not None
    assert again.identity == decoder.identity
