"""The network in an ONNX file: its head, its parts, and the same with other weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from ocrx.errors import ConversionFailed
from ocrx_training.finetuning.files import (
    cut_head,
    find_head,
    read_network,
    weights_of,
    with_weights,
)
from ocrx_training.finetuning.network import OnnxNetwork
from ocrx_training.finetuning.splitting import split
from ocrx_training.finetuning.written import halved
from support.tiny_recognizer import CHARACTERS, write_tiny

CLASSES = len(CHARACTERS) + 2
PICTURES = np.random.default_rng(1).normal(size=(2, 3, 48, 64)).astype(np.float32)


@pytest.fixture
def network(tmp_path: Path) -> onnx.ModelProto:
    return read_network(write_tiny(tmp_path / "tiny.onnx"))


def read(model: onnx.ModelProto, pictures: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {model.graph.input[0].name: pictures})
    return np.asarray(found)


def test_a_head_that_is_cut_gives_the_same_logits_for_the_classes_that_stay(
    network: onnx.ModelProto,
) -> None:
    whole = read(network, PICTURES)
    head = find_head(network, CLASSES, "tiny")
    cut_head(network, head, [0, 5, 3])
    kept = whole[..., [0, 5, 3]]
    assert np.allclose(read(network, PICTURES), kept / kept.sum(2, keepdims=True), atol=1e-5)


def test_a_network_without_a_head_of_so_many_classes_is_refused(network: onnx.ModelProto) -> None:
    with pytest.raises(ConversionFailed, match="for 7 classes"):
        find_head(network, 7, "tiny")


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_text("no")
    with pytest.raises(ConversionFailed, match=r"no\.onnx is not an ONNX file"):
        read_network(tmp_path / "no.onnx")


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_parts_give_what_the_whole_gives_and_weights_come_back(
    network: onnx.ModelProto, share: float
) -> None:
    head = find_head(network, CLASSES, "tiny")
    lower, upper = split(network, share)
    assert (lower is None) == (share == 1.0)
    learning = OnnxNetwork(upper, head, "tiny")
    every = sum(one.size for one in weights_of(network).values())
    assert sum(one.numel() for one in learning.weights) >= share * every
    features = PICTURES if lower is None else read(lower, PICTURES)
    logits = learning(torch.from_numpy(features))
    assert np.allclose(logits.softmax(2).detach(), read(network, PICTURES), atol=1e-5)
    logits.sum().backward()
    assert all(one.grad is not None for one in learning.weights)
    with torch.no_grad():
        for one in learning.weights:
            one.mul_(1.1)
    same = with_weights(network, {n: w.numpy() for n, w in learning.by_name().items()})
    changed = learning(torch.from_numpy(features)).softmax(2).detach()
    assert np.allclose(read(same, PICTURES), changed, atol=1e-5)


def test_statistics_of_normalisations_do_not_learn(network: onnx.ModelProto) -> None:
    assert set(weights_of(network)) == {"w1", "b1", "w2", "s", "o", "head", "bias"}


def test_halved_weights_come_back_in_fp32(network: onnx.ModelProto, tmp_path: Path) -> None:
    small = halved(network)
    assert small.ByteSize() < network.ByteSize() * 0.7
    assert np.allclose(read(small, PICTURES), read(network, PICTURES), atol=1e-2)
    onnx.save(small, str(tmp_path / "half.onnx"))
    again = read_network(tmp_path / "half.onnx")
    assert set(weights_of(again)) == set(weights_of(network))
    assert all(numpy_helper.to_array(one).dtype != np.float16 for one in again.graph.initializer)
