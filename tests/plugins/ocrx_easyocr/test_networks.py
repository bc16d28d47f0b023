"""The networks in ONNX against EasyOCR's in PyTorch, with random weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from ocrx.errors import WeightsError
from ocrx_easyocr.craft import craft
from ocrx_easyocr.crnn import crnn
from support.easyocr_networks import Craft, Crnn, Resnet, Vgg, filled

Weights = dict[str, NDArray[Any]]


def weights_of(module: torch.nn.Module) -> Weights:
    return {name: tensor.numpy().copy() for name, tensor in module.state_dict().items()}


def run(model: onnx.ModelProto, x: NDArray[np.float32]) -> NDArray[np.float32]:
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    outputs: list[NDArray[np.float32]] = session.run(None, {"x": x})
    return outputs[0]


def noise(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def check(model: onnx.ModelProto, module: torch.nn.Module, x: NDArray[np.float32]) -> None:
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    found = run(model, x)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 2e-5 * max(1.0, np.abs(expected).max())


@pytest.mark.slow
def test_craft_gives_what_easyocr_s_gives() -> None:
    module = filled(Craft())
    model = craft(weights_of(module), "craft")
    check(model, module, noise(2, 3, 64, 96))


@pytest.mark.slow
@pytest.mark.parametrize("width", [32])
@pytest.mark.parametrize(
    ("features", "steps"), [(Vgg, lambda w: w // 4 - 1), (Resnet, lambda w: w // 4 + 1)]
)
def test_a_recogniser_gives_what_easyocr_s_gives(
    features: Callable[[int], torch.nn.Module], steps: Callable[[int], int], width: int
) -> None:
    module = filled(Crnn(features(width), width, hidden=24, classes=11))
    model = crnn(weights_of(module), "own", 64)
    for shape in ((1, 1, 64, 64), (3, 1, 64, 200)):
        x = noise(*shape)
        check(model, module, x)
        assert run(model, x).shape == (shape[0], steps(shape[3]), 11)


@pytest.mark.slow
def test_a_recogniser_may_be_of_another_height() -> None:
    module = filled(Crnn(Vgg(16), 16, hidden=8, classes=5))
    check(crnn(weights_of(module), "own", 48), module, noise(2, 1, 48, 96))


def without(weights: Weights, name: str) -> Weights:
    return {one: tensor for one, tensor in weights.items() if one != name}


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda w: {**w, "Prediction.bias": np.zeros(4, np.float32)},
            r"Prediction\.bias has the shape \(4,\), not \(5,\)",
        ),
        (lambda w: without(w, "Prediction.bias"), r"it has no Prediction\.bias"),
        (
            lambda w: {**w, "Attention.weight": np.zeros(1, np.float32)},
            r"it has Attention\.weight, which the network does not",
        ),
        (lambda w: {"conv.weight": np.zeros(1, np.float32)}, r"it has no .*ConvNet\.18\.weight"),
        (lambda w: {}, "it has no"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused_with_the_first_that_differs(
    spoil: Callable[[Weights], Weights], told: str
) -> None:
    weights = spoil(weights_of(filled(Crnn(Vgg(16), 16, hidden=8, classes=5))))
    with pytest.raises(WeightsError, match=rf"own\.pth is a checkpoint of another network: {told}"):
        crnn(weights, "own.pth", 64)


def test_a_recogniser_is_no_detector() -> None:
    weights = weights_of(filled(Crnn(Vgg(16), 16, hidden=8, classes=5)))
    with pytest.raises(WeightsError, match=r"it has no basenet\.slice1\.0\.weight"):
        craft(weights, "own.pth")
