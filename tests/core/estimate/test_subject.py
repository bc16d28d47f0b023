from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.artifacts import Axis, ModelSpec
from ocrx.errors import UsageError
from ocrx.estimate.subject import input_shapes, of_file
from ocrx.types import TensorSpec

FREE = TensorSpec("x", (None, 3, None, None), "float32")
LINE = TensorSpec("x", (None, 3, 48, None), "float32")
SPEC = ModelSpec("m", "recognition", {}, {"x": (Axis(1, 6, 16), 3, 48, Axis(64, 320, 3200, 32))})
BARE = ModelSpec("m", "recognition", {})


def test_what_the_model_typically_takes_is_the_default() -> None:
    assert input_shapes([LINE], SPEC, [], 1) == {"x": (1, 3, 48, 320)}
    assert input_shapes([LINE], SPEC, [], 4) == {"x": (4, 3, 48, 320)}


def test_height_and_width_or_every_axis_can_be_given() -> None:
    assert input_shapes([FREE], BARE, [640, 960], 2) == {"x": (2, 3, 640, 960)}
    assert input_shapes([FREE], BARE, [8, 3, 64, 96], 2) == {"x": (8, 3, 64, 96)}


def test_a_batch_that_the_file_fixes_stays() -> None:
    fixed = TensorSpec("x", (1, 3, 48, 320), "float32")
    assert input_shapes([fixed], BARE, [], 4) == {"x": (1, 3, 48, 320)}


@pytest.mark.parametrize(
    ("inputs", "asked", "told"),
    [
        ([FREE], [], r"takes pictures of any size \(x: 1x3x\?x\?\).*--shape"),
        ([FREE], [640], "takes a tensor of 4 axes, not 640"),
        ([FREE, TensorSpec("y", (1,), "int64")], [640, 640], r"several inputs \(x, y\)"),
    ],
)
def test_what_cannot_be_known_is_asked_for(
    inputs: list[TensorSpec], asked: list[int], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        input_shapes(inputs, BARE, asked, 1)


def test_a_file_is_a_model_of_its_own_format() -> None:
    found = of_file(Path("some/net.ONNX"))
    assert (found.name, found.format, found.artifact.path) == ("net.ONNX", "onnx", found.path)
