"""What a network's file says of itself, in both of Paddle's formats; and that the parameters are
all there, which Paddle does not look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.errors import BackendError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import DIFFERENCE, LINE
from ocrx.types import TensorSpec
from ocrx_paddle.backend import PaddleBackend
from ocrx_paddle.pir import renamed
from ocrx_paddle.program import read_program
from ocrx_paddle.session import PaddleSession
from support import paddle_files

DENSE = {"x": [-1, 200, 3]}


def opened(path: Path) -> PaddleSession:
    spec = ModelSpec("dense", "recognition", {})
    return PaddleBackend().open(Artifact(path, "paddle", spec), SessionOptions())


def dense(paddle: Any, inputs: Sequence[Any]) -> Sequence[Any]:
    """Parameters of several sizes, one of them larger than 127 on an axis."""
    hidden = paddle.nn.Linear(3, 130)(inputs[0])
    return [paddle.nn.functional.relu(paddle.nn.Linear(130, 2)(hidden))]


@pytest.mark.parametrize("suffix", [".json", ".pdmodel"])
def test_both_formats_say_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"dense{suffix}"
    paddle_files.save(dense, DENSE, path)
    program = read_program(path)
    assert program.inputs == (TensorSpec("x", (None, 200, 3), "float32"),)
    assert [output.shape for output in program.outputs] == [(None, 200, 2)]
    assert program.weights == path.with_suffix(".pdiparams").stat().st_size
    with opened(path) as session:
        x = np.ones((4, 200, 3), np.float32)
        found = session.run({"x": x})[program.outputs[0].name]
    assert found.shape == (4, 200, 2)
    assert np.allclose(found, found[:1, :1])


@pytest.mark.parametrize("suffix", [".json", ".pdmodel"])
@pytest.mark.parametrize("left", [0.0, 0.5, None, 1.5])
def test_parameters_that_are_not_whole_are_an_error(
    tmp_path: Path, suffix: str, left: float | None
) -> None:
    path = tmp_path / f"dense{suffix}"
    paddle_files.save(dense, DENSE, path)
    parameters = path.with_suffix(".pdiparams")
    content = parameters.read_bytes()
    parameters.unlink()
    if left is not None:
        parameters.write_bytes((content * 2)[: int(len(content) * left)])
    with pytest.raises(BackendError, match=r"dense\.pdiparams, have \d+ bytes") as caught:
        opened(path)
    assert path.name in caught.value.message


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"{}"])
def test_a_damaged_network_of_paddle_2_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dense.pdmodel"
    path.write_bytes(content)
    with pytest.raises(BackendError, match=r"dense\.pdmodel: it is not a Paddle network"):
        opened(path)


@pytest.mark.parametrize("content", ["[]", "7", '{"base_code": {"magic": "pop"}}', '{"a": null}'])
def test_json_that_is_no_network_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content, "utf-8")
    with pytest.raises(BackendError, match=r"config\.json: it is not a Paddle network"):
        opened(path)


def test_a_network_without_parameters_needs_no_file_of_them(tmp_path: Path) -> None:
    artifact = paddle_files.toy_artifact(DIFFERENCE, tmp_path)
    assert read_program(artifact.path).weights == 0
    artifact.path.with_suffix(".pdiparams").unlink(missing_ok=True)
    with PaddleBackend().open(artifact, SessionOptions()) as session:
        feeds = DIFFERENCE.feeds(2, 3)
        assert np.allclose(
            session.run(feeds)["difference"], DIFFERENCE.reference(feeds)["difference"]
        )


def test_names_are_changed_and_nothing_else(tmp_path: Path) -> None:
    path = paddle_files.toy_artifact(LINE, tmp_path).path
    before = read_program(path)
    same = {name: name for name in ("picture", "features", "scores")}
    text = path.read_text("utf-8")
    assert json.loads(renamed(text, same, same)) == json.loads(text)
    path.write_text(renamed(text, {"picture": "x"}, {"features": "b", "scores": "a"}), "utf-8")
    after = read_program(path)
    assert [spec.name for spec in (*after.inputs, *after.outputs)] == ["x", "b", "a"]
    assert after == replace(before, inputs=after.inputs, outputs=after.outputs)
