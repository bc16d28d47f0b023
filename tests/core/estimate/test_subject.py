from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.artifacts import Axis, ModelSpec
from ocrx.errors import UsageError
from ocrx.estimate.subject import check_asked, input_shapes, of_file
from ocrx.types import TensorSpec

FREE = TensorSpec("x", (None, 3, None, None), "float32")
LINE = TensorSpec("x", (None, 3, 48, None), "float32")
SPEC = ModelSpec("m", "recognition", {}, {"x": (Axis(1, 6, 16), 3, 48, Axis(64, 320, 3200, 32))})
MEMORY = TensorSpec("memory", (None, None, 96), "float32")
TOKENS = TensorSpec("tokens", (None,), "int64")
DECODER = ModelSpec(
    "m",
    "recognition",
    {},
    {"memory": (Axis(1, 6, 16), Axis(1, 40, 400), 96), "tokens": (Axis(1, 1, 16),)},
)
BARE = ModelSpec("m", "recognition", {})


def test_what_the_model_typically_takes_is_the_default() -> None:
    assert input_shapes([LINE], SPEC, {}, 1) == {"x": (1, 3, 48, 320)}
    assert input_shapes([LINE], SPEC, {}, 4) == {"x": (4, 3, 48, 320)}


def test_height_and_width_or_every_axis_can_be_given() -> None:
    for name in ("", "x"):
        assert input_shapes([FREE], BARE, {name: [640, 960]}, 2) == {"x": (2, 3, 640, 960)}
        assert input_shapes([FREE], BARE, {name: [8, 3, 64, 96]}, 2) == {"x": (8, 3, 64, 96)}


def test_a_batch_that_the_file_fixes_stays() -> None:
    fixed = TensorSpec("x", (1, 3, 48, 320), "float32")
    assert input_shapes([fixed], BARE, {}, 4) == {"x": (1, 3, 48, 320)}


def test_each_of_several_inputs_is_told_by_its_name() -> None:
    inputs = [MEMORY, TOKENS]
    assert input_shapes(inputs, DECODER, {}, 3) == {"memory": (3, 40, 96), "tokens": (3,)}
    asked = {"memory": [2, 80, 96], "tokens": [2], "": [48, 320]}
    assert input_shapes(inputs, DECODER, asked, 1) == {"memory": (2, 80, 96), "tokens": (2,)}


def test_a_single_axis_of_the_only_input_is_not_the_batch() -> None:
    assert input_shapes([TOKENS], DECODER, {}, 3) == {"tokens": (1,)}
    assert input_shapes([TOKENS], BARE, {"": [7]}, 3) == {"tokens": (7,)}


@pytest.mark.parametrize(
    ("inputs", "asked", "told"),
    [
        ([FREE], {}, r"takes inputs of any size \(x: 1x3x\?x\?\).*--shape 48x320"),
        ([TOKENS], {}, r"takes inputs of any size \(tokens: \?\).*--shape tokens=40"),
        ([FREE], {"": [640]}, "x, an input of m, is a tensor of 4 axes, not 640"),
        ([MEMORY, TOKENS], {"memory": [40, 96]}, "memory, an input of m, is a tensor of 3 axes"),
    ],
)
def test_what_cannot_be_known_is_asked_for(
    inputs: list[TensorSpec], asked: dict[str, list[int]], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        input_shapes(inputs, BARE, asked, 1)


def test_a_shape_that_no_network_takes_is_told() -> None:
    networks = {"m/encoder": [FREE], "m/decoder": [MEMORY, TOKENS]}
    check_asked({"": [48, 320], "memory": [1, 2, 3]}, networks)
    with pytest.raises(UsageError, match=r"'memry', which is no input of m/enc.*mean 'memory'"):
        check_asked({"memry": [1]}, networks)
    with pytest.raises(UsageError, match=r"m/decoder has several inputs \(memory, tokens\).*mem"):
        check_asked({"": [48, 320]}, {"m/decoder": [MEMORY, TOKENS]})


def test_a_file_is_a_model_of_its_own_format() -> None:
    found = of_file(Path("some/net.ONNX"))
    assert (found.name, found.format, found.artifact.path) == ("net.ONNX", "onnx", found.path)
