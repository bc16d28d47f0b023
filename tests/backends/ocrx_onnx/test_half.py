from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from ocrx.errors import ConversionFailed
from ocrx.weights.store import Store
from ocrx_codes.catalogue import models
from ocrx_onnx import half
from ocrx_onnx.graph import STEM, constants, prepared, run
from ocrx_onnx.half import halved
from support.deepnetwork import LAYERS, deep, pictures


def test_weights_are_halved_but_for_the_stem(tmp_path: Path) -> None:
    model = halved(prepared(deep(tmp_path).path, "deep"), "deep")
    kinds = {name: array.dtype.name for name, array in constants(model).items()}
    assert [kinds[f"w{index}"] for index in range(LAYERS)] == (
        ["float32"] * STEM + ["float16"] * (LAYERS - STEM)
    )
    assert kinds["p"] == "float16"


def test_of_a_shallow_network_the_first_layer_is_not_halved(tmp_path: Path) -> None:
    model = halved(prepared(deep(tmp_path, layers=2).path, "deep"), "deep")
    kinds = {name: array.dtype.name for name, array in constants(model).items()}
    assert [kinds[name] for name in ("w0", "w1", "p")] == ["float32", "float16", "float16"]


def test_it_computes_nearly_the_same_and_speaks_fp32(tmp_path: Path) -> None:
    model = prepared(deep(tmp_path).path, "deep")
    feeds = [{"x": pictures()}]
    (right,) = run(model, feeds)
    (found,) = run(halved(model, "deep"), feeds)
    assert found["y"].dtype == np.float32
    assert 0 < np.abs(found["y"] - right["y"]).max() < 0.01 * np.abs(right["y"]).max()


def test_nothing_is_left_on_the_path_of_modules(tmp_path: Path) -> None:
    before = list(sys.path)
    halved(prepared(deep(tmp_path, layers=1).path, "deep"), "deep")
    assert sys.path == before


def test_what_the_converter_raises_names_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        DEFAULT_OP_BLOCK_LIST = ()

        def convert_float_to_float16(self, *_: object, **__: object) -> None:
            raise AssertionError("odd graph")

    monkeypatch.setattr(half, "tool", lambda name: Broken())
    with pytest.raises(ConversionFailed, match="deep cannot be converted to fp16: odd graph"):
        halved(onnx.ModelProto(), "deep")


def test_a_network_with_an_lstm_can_be_opened() -> None:
    (source,) = models("crnn")["codes"].artifacts.values()
    model = prepared(Store(offline=True).path(source), "crnn")
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, 64)).astype(np.float32)
    feeds = [{"pictures": picture}]
    made = halved(model, "crnn")
    (right,), (found,) = run(model, feeds), run(made, feeds)
    assert made.ByteSize() < 0.8 * model.ByteSize()
    assert all(np.abs(found[name] - values).max() < 0.05 for name, values in right.items())
