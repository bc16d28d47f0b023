"""Whole networks: PP-OCRv6 and a CRNN as ONNX Runtime runs them, and what the importer refuses."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocrx.errors import NoRoute
from ocrx.interfaces.runtimes import SessionOptions
from ocrx_torch.backend import TorchBackend
from support.torchnetworks import (
    Node,
    by_onnxruntime,
    check_against_onnxruntime,
    functions,
    imported,
    network,
    noise,
    opened,
    saved,
)

RAPIDOCR = importlib.util.find_spec("rapidocr")
assert RAPIDOCR is not None
assert RAPIDOCR.origin is not None
WHEEL = Path(RAPIDOCR.origin).parent / "models"

DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"
ORIENTATION = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        (DETECTION, [(1, 3, 64, 96), (2, 3, 160, 128), (1, 3, 320, 352)]),
        (RECOGNITION, [(1, 3, 48, 320), (3, 3, 48, 96), (2, 3, 48, 648), (1, 3, 48, 48)]),
        (ORIENTATION, [(1, 3, 48, 192), (5, 3, 48, 192)]),
    ],
)
def test_the_models_of_the_wheel_give_what_onnxruntime_gives(
    name: str, shapes: list[tuple[int, ...]]
) -> None:
    reference = by_onnxruntime(WHEEL / name)
    with opened(WHEEL / name, device="cpu", precision="fp32") as session:
        for shape in shapes:
            feeds = {"x": noise(*shape)}
            (right,) = reference.run(None, feeds)
            (found,) = session.run(feeds).values()
            np.testing.assert_allclose(found, right, rtol=1e-3, atol=5e-5)


class Crnn(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = torch.nn.Sequential(
            torch.nn.Conv2d(1, 8, 3, padding=1),
            torch.nn.BatchNorm2d(8),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(8, 16, 3, stride=(4, 1), padding=1),
            torch.nn.ReLU(),
        )
        self.sequence = torch.nn.LSTM(32, 12, num_layers=2, bidirectional=True, batch_first=True)
        self.head = torch.nn.Linear(24, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.features(x)
        batch, channels, height, width = y.shape
        y = y.reshape(batch, channels * height, width).permute(0, 2, 1)
        y, _ = self.sequence(y)
        return torch.log_softmax(self.head(y), 2)


@pytest.mark.parametrize("opset", [11, 17])
def test_a_crnn_with_a_bidirectional_lstm(tmp_path: Path, opset: int) -> None:
    torch.manual_seed(0)
    path = tmp_path / "crnn.onnx"
    axes = {"x": {0: "n", 3: "w"}, "y": {0: "n", 1: "t"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, on batch sizes and deprecation
        torch.onnx.export(
            Crnn().eval(),
            (torch.rand(1, 1, 16, 64),),
            str(path),
            input_names=["x"],
            output_names=["y"],
            dynamic_axes=axes,
            opset_version=opset,
            dynamo=False,
        )
    for batch, width in ((1, 64), (3, 40), (2, 200)):
        check_against_onnxruntime(path, {"x": noise(batch, 1, 16, width)})


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_recurrent_layers(tmp_path: Path, kind: str, direction: str) -> None:
    """ONNX's own tests have neither the directions nor a GRU as torch has it."""
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    directions, hidden = 1 + (direction == "bidirectional"), 5
    settings: dict[str, Any] = {"hidden_size": hidden, "direction": direction}
    for reset in (0, 1) if kind == "GRU" else (0,):
        more = {"linear_before_reset": reset} if kind == "GRU" else {}
        constants = {
            "w": noise(directions, gates * hidden, 3),
            "r": noise(directions, gates * hidden, hidden, seed=1),
            "b": noise(directions, 2 * gates * hidden, seed=2),
            "h": noise(directions, 2, hidden, seed=3),
        }
        node: Node = (kind, ["x", "w", "r", "b", "", "h"], ["y"], settings | more)
        model = network([node], {"x": ["t", 2, 3]}, constants)
        check_against_onnxruntime(saved(model, tmp_path).path, {"x": noise(6, 2, 3)})


FORMS: dict[str, tuple[list[Node], list[Node], dict[str, Any]]] = {
    "squeeze": (
        [("Squeeze", ["x"], ["y"], {"axes": [1]})],
        [("Squeeze", ["x", "axes"], ["y"], {})],
        {"axes": np.array([1])},
    ),
    "sum": (
        [("ReduceSum", ["x"], ["y"], {"axes": [2], "keepdims": 0})],
        [("ReduceSum", ["x", "axes"], ["y"], {"keepdims": 0})],
        {"axes": np.array([2])},
    ),
    "split": (
        [("Split", ["x"], ["a", "y"], {"axis": 2, "split": [1, 3]})],
        [("Split", ["x", "axes"], ["a", "y"], {"axis": 2})],
        {"axes": np.array([1, 3])},
    ),
    "softmax, which had another default": (
        [("Softmax", ["x"], ["y"], {})],
        [("Softmax", ["x"], ["y"], {})],
        {},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_became_an_input_was_an_attribute(tmp_path: Path, form: str) -> None:
    old, new, constants = FORMS[form]
    inputs: dict[str, list[int | str]] = {"x": ["n", 1, 4, "w"]}
    models = network(old, inputs, {}), network(new, inputs, constants, opset=13)
    for model in models:
        check_against_onnxruntime(saved(model, tmp_path).path, {"x": noise(2, 1, 4, 3)})


def test_arithmetic_on_shapes_makes_no_tensors() -> None:
    model = network(
        [
            ("Shape", ["x"], ["s"], {}),
            ("Gather", ["s", "zero"], ["n"], {"axis": 0}),
            ("Unsqueeze", ["n"], ["n1"], {"axes": [0]}),
            ("Slice", ["s", "two", "four"], ["hw"], {}),
            ("ReduceProd", ["hw"], ["area"], {"keepdims": 1}),
            ("Concat", ["n1", "three", "area"], ["shape"], {"axis": 0}),
            ("Reshape", ["x", "shape"], ["y"], {}),
        ],
        {"x": ["n", 3, "h", "w"]},
        {
            "zero": np.array(0),
            "two": np.array([2]),
            "four": np.array([4]),
            "three": np.array([3]),
        },
    )
    module = imported(model)
    assert {"to_tensor", "to_host"}.isdisjoint(functions(module))
    for shape in ((1, 3, 2, 5), (4, 3, 7, 1)):
        (y,) = module(torch.zeros(shape))
        assert y.shape == (shape[0], 3, shape[2] * shape[3])


def test_what_constants_alone_give_is_computed_once() -> None:
    model = network(
        [
            ("Constant", [], ["half"], {"value_float": 0.5}),
            ("Mul", ["half", "weights"], ["halved"], {}),
            ("Identity", ["halved"], ["same"], {}),
            ("Add", ["x", "same"], ["y"], {}),
        ],
        {"x": ["n", 3]},
        {"weights": np.ones(3, np.float32)},
        opset=13,
    )
    module = imported(model)
    assert functions(module) == ["add"]
    assert module(torch.zeros(1, 3))[0].tolist() == [[0.5, 0.5, 0.5]]


def test_all_that_is_missing_is_named(tmp_path: Path) -> None:
    model = network(
        [
            ("STFT", ["x", "step"], ["a"], {}),
            ("Det", ["a"], ["b"], {}),
            ("Relu", ["b"], ["c"], {}),
            ("MaxPool", ["x"], ["y"], {"kernel_shape": [2], "storage_order": 1}),
        ],
        {"x": ["n", 3, "w"]},
        {"step": np.array(2)},
        opset=17,
    )
    with pytest.raises(NoRoute) as caught:
        TorchBackend().open(saved(model, tmp_path), SessionOptions())
    assert "small.onnx: it lacks STFT, Det, MaxPool with storage order" in caught.value.message
    assert "--backend onnxruntime" in caught.value.remedy


def test_another_domain_is_named(tmp_path: Path) -> None:
    model = network([("Relu", ["x"], ["y"], {"domain": "com.acme"})], {"x": ["n"]}, {})
    with pytest.raises(NoRoute, match=r"com\.acme\.Relu"):
        TorchBackend().open(saved(model, tmp_path), SessionOptions())
