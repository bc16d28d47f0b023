"""EasyOCR's recognisers of both generations as ONNX networks: convolutions, LSTMs, CTC.

Shi et al., "An End-to-End Trainable Neural Network for Image-based Sequence Recognition", 2015;
easyocr/model/model.py (generation 1), vgg_model.py (generation 2) and modules.py.

The widths of the layers are those of the checkpoint, so that a user's own model may have others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrx_easyocr.checkpoint import Weights
from ocrx_easyocr.graph import Checked, Graph

if TYPE_CHECKING:
    import onnx

OUTPUT = "probabilities"

CONV = "FeatureExtraction.ConvNet"
FIRST = {1: f"{CONV}.conv0_1.weight", 2: f"{CONV}.0.weight"}
"""The first weight of each generation."""

GATES = (0, 3, 1, 2)
"""The gates of an LSTM in ONNX (input, output, forget, cell), by their places in PyTorch."""


def generation(weights: Weights) -> int:
    """The generation of a checkpoint, 1 or 2. A checkpoint of neither counts as 2."""
    return 1 if FIRST[1] in weights else 2


def crnn(weights: Weights, name: str, height: int) -> onnx.ModelProto:
    """The network: `x`, float32 (N, 1, height, W), to `probabilities`, float32 (N, T, C), a softmax
    in which class 0 is the blank. T is W / 4 + 1 in generation 1, W / 4 - 1 in generation 2.

    `name` is how errors refer to the checkpoint. Raises WeightsError if it is of another network.
    """
    held = Checked(weights, name)
    graph = Graph(("N", 1, height, "W"))
    x = _resnet(graph, held) if generation(weights) == 1 else _vgg(graph, held)
    # (N, C, H, T) to (T, N, C), as ONNX's LSTM takes it.
    x = graph.add("ReduceMean", x, axes=[2], keepdims=0)
    x = graph.add("Transpose", x, perm=(2, 0, 1))
    for number in range(2):
        x = _lstm(graph, held, f"SequenceModeling.{number}", x)
    classes, inside = held.shape("Prediction.weight")
    x = graph.linear(x, held.affine("Prediction", classes, inside))
    x = graph.add("Softmax", graph.add("Transpose", x, perm=(1, 0, 2)), axis=2)
    held.finish()
    return graph.save(x, OUTPUT, ("N", "T", classes))


def classes_of(weights: Weights, name: str) -> int:
    """The number of classes of a recogniser, with the blank. Raises WeightsError if the checkpoint
    is not one of a recogniser."""
    return Checked(weights, name).shape("Prediction.weight")[0]


def _vgg(graph: Graph, held: Checked) -> str:
    """`VGG_FeatureExtractor`: seven convolutions; the height shrinks to 1/16, less 1."""
    width = held.shape(f"{CONV}.18.weight")[0]
    eighth, quarter, half = width // 8, width // 4, width // 2
    x = graph.input
    for place, inside, outside, pool in (
        (0, 1, eighth, (2, 2)),
        (3, eighth, quarter, (2, 2)),
        (6, quarter, half, None),
        (8, half, half, (2, 1)),
    ):
        layer = held.affine(f"{CONV}.{place}", outside, inside, 3, 3)
        x = graph.relu(graph.conv(x, layer, pad=(1, 1)))
        x = graph.max_pool(x, pool, pool) if pool else x
    for place, inside in ((11, half), (14, width)):
        key, norm = f"{CONV}.{place}", f"{CONV}.{place + 1}"
        layer = held.normalised(key, norm, width, inside, 3, 3, bias=False)
        x = graph.relu(graph.conv(x, layer, pad=(1, 1)))
    x = graph.max_pool(x, (2, 1), (2, 1))
    return graph.relu(graph.conv(x, held.affine(f"{CONV}.18", width, width, 2, 2)))


def _resnet(graph: Graph, held: Checked) -> str:
    """`ResNet_FeatureExtractor`: four layers of residual blocks (1, 2, 5 and 3 of them)."""
    width = held.shape(f"{CONV}.conv4_2.weight")[0]
    x = _normal(graph, held, graph.input, "0_1", (1, width // 16))
    x = _normal(graph, held, x, "0_2", (width // 16, width // 8))
    inside = width // 8
    for number, (blocks, outside) in enumerate(
        ((1, width // 4), (2, width // 2), (5, width), (3, width)), 1
    ):
        if number < 3:
            x = graph.max_pool(x, (2, 2), (2, 2))
        elif number == 3:
            x = graph.max_pool(x, (2, 2), (2, 1), (0, 1))
        for block in range(blocks):
            x = _block(graph, held, x, f"{CONV}.layer{number}.{block}", (inside, outside))
            inside = outside
        if number < 4:
            x = _normal(graph, held, x, str(number), (outside, outside))
    x = _normal(graph, held, x, "4_1", (width, width), side=2, stride=(2, 1), pad=(0, 1))
    return _normal(graph, held, x, "4_2", (width, width), side=2, pad=(0, 0))


def _normal(
    graph: Graph,
    held: Checked,
    x: str,
    number: str,
    channels: tuple[int, int],
    *,
    side: int = 3,
    stride: tuple[int, int] = (1, 1),
    pad: tuple[int, int] = (1, 1),
) -> str:
    """A convolution of the ResNet with its normalisation and ReLU. `channels` go in and out."""
    inside, outside = channels
    layer = held.normalised(
        f"{CONV}.conv{number}", f"{CONV}.bn{number}", outside, inside, side, side, bias=False
    )
    return graph.relu(graph.conv(x, layer, stride=stride, pad=pad))


def _block(graph: Graph, held: Checked, x: str, key: str, channels: tuple[int, int]) -> str:
    """`BasicBlock`: two convolutions, whose result is added to the input."""
    inside, outside = channels
    first = held.normalised(f"{key}.conv1", f"{key}.bn1", outside, inside, 3, 3, bias=False)
    second = held.normalised(f"{key}.conv2", f"{key}.bn2", outside, outside, 3, 3, bias=False)
    y = graph.conv(graph.relu(graph.conv(x, first, pad=(1, 1))), second, pad=(1, 1))
    if inside != outside:
        down = f"{key}.downsample"
        layer = held.normalised(f"{down}.0", f"{down}.1", outside, inside, 1, 1, bias=False)
        x = graph.conv(x, layer)
    return graph.relu(graph.add("Add", y, x))


def _lstm(graph: Graph, held: Checked, key: str, x: str) -> str:
    """`BidirectionalLSTM`: an LSTM in both directions and a linear layer, over (T, N, C)."""
    four, inside = held.shape(f"{key}.rnn.weight_ih_l0")
    hidden = four // 4
    ways = ("", "_reverse")

    def both(kind: str, *shape: int) -> NDArray[np.float64]:
        """The weights of both directions, with the gates in the order of ONNX."""
        return np.stack([_gates(held.take(f"{key}.rnn.{kind}_l0{w}", *shape)) for w in ways])

    y = graph.add(
        "LSTM",
        x,
        graph.constant(both("weight_ih", four, inside)),
        graph.constant(both("weight_hh", four, hidden)),
        graph.constant(np.concatenate([both("bias_ih", four), both("bias_hh", four)], axis=1)),
        hidden_size=hidden,
        direction="bidirectional",
    )
    # (T, 2, N, hidden) to (T, N, 2 * hidden)
    y = graph.add("Transpose", y, perm=(0, 2, 1, 3))
    y = graph.add("Reshape", y, graph.constant(np.array([0, 0, 2 * hidden])))
    outside = held.shape(f"{key}.linear.weight")[0]
    return graph.linear(y, held.affine(f"{key}.linear", outside, 2 * hidden))


def _gates(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([np.split(values, 4)[gate] for gate in GATES])
