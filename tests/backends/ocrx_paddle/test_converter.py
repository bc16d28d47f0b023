"""ONNX to Paddle and back, for real; see paddle_files.py for the environment."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ocrx.artifacts import Artifact, Axis, ModelSpec, Source
from ocrx.conversion.routes import wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.errors import BackendMissing, ConversionFailed
from ocrx.interfaces.conversion import Calibration, Conversion
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import DIFFERENCE, LINE, TOYS, Toy
from ocrx.testing.backends import verify
from ocrx.weights.store import Store
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_paddle import maker
from ocrx_paddle.backend import PaddleBackend
from ocrx_paddle.converter import PaddleOnnx
from ocrx_paddle.program import read_program
from support import paddle_files

pytestmark = pytest.mark.timeout(900)  # the environment is installed on the first run

FP32 = SessionOptions(precision="fp32")
ONE = {"x": [1, 2, -1]}
WIDTH = {"x": (1, 2, Axis(4, 8, 64, 2))}


def convert(spec: ModelSpec, source: Artifact, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    conversion = Conversion(spec, source, "fp32")
    return folder / paddle_files.converter().convert(conversion, folder, no_progress)


def network(
    folder: Path,
    nodes: Sequence[onnx.NodeProto],
    constants: dict[str, Any] | None = None,
    opset: int = 11,
) -> Artifact:
    """An ONNX network of one input `x` as WIDTH says, and one output `y`."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, "width"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, "out"])
    held = [numpy_helper.from_array(np.asarray(v), n) for n, v in (constants or {}).items()]
    graph = helper.make_graph(nodes, "small", [x], [y], held)
    opsets = [helper.make_opsetid("", opset)]
    path = folder / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=7), path)
    spec = ModelSpec("small", "recognition", {"onnx": Source(path.name, path=path)}, WIDTH)
    return Artifact(path, "onnx", spec)


@pytest.mark.slow
@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_onnx_becomes_paddle_with_the_names_it_had(toy: Toy) -> None:
    artifact = paddle_files.converted(toy.spec(), PaddleBackend())
    assert artifact.path.name == "inference.json"
    with PaddleBackend().open(artifact, FP32) as session:
        assert [spec.name for spec in session.inputs] == list(toy.shapes)
        assert [spec.name for spec in session.outputs] == list(toy.outputs)
        for batch, width in ((1, 16), (3, 24), (2, 64)):
            verify(session, toy, toy.feeds(batch, width))


@pytest.mark.slow
@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_paddle_becomes_onnx_with_the_names_it_had(toy: Toy, tmp_path: Path) -> None:
    made = paddle_files.toy_artifact(toy, tmp_path)
    spec = toy.spec()
    path = convert(spec, made, tmp_path / "made")
    (opset,) = onnx.load(path).opset_import
    assert opset.version == 17
    with OnnxRuntimeBackend().open(Artifact(path, "onnx", spec), FP32) as session:
        for batch, width in ((1, 16), (3, 24), (2, 64)):
            verify(session, toy, toy.feeds(batch, width))


@pytest.mark.slow
def test_a_model_of_paddle_2_becomes_onnx_with_the_names_it_had(tmp_path: Path) -> None:
    path = tmp_path / "bent.pdmodel"
    paddle_files.save(lambda paddle, inputs: [paddle.nn.PReLU()(inputs[0])], ONE, path)
    (name,) = (output.name for output in read_program(path).outputs)
    spec = ModelSpec("bent", "recognition", {}, WIDTH)
    made = convert(spec, Artifact(path, "paddle", spec), tmp_path / "made")
    with OnnxRuntimeBackend().open(Artifact(made, "onnx", spec), FP32) as session:
        found = session.run({"x": np.array([[[-1, 2], [3, -4]]], np.float32)})
    assert {key: value.tolist() for key, value in found.items()} == {name: [[[-0.25, 2], [3, -1]]]}


@pytest.mark.slow
def test_an_archive_becomes_onnx(tmp_path: Path) -> None:
    made = paddle_files.toy_artifact(LINE, tmp_path)
    archive = Path(shutil.make_archive(str(tmp_path / "line"), "tar", made.path.parent))
    path = convert(LINE.spec(), replace(made, path=archive), tmp_path / "made")
    with OnnxRuntimeBackend().open(Artifact(path, "onnx", LINE.spec()), FP32) as session:
        verify(session, LINE, LINE.feeds(2, 24))
    assert [each.name for each in path.parent.iterdir()] == ["model.onnx"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("nodes", "constants", "why"),
    [
        pytest.param(
            [helper.make_node("CumSum", ["x", "axis"], ["y"], reverse=1)],
            {"axis": np.int64(2)},
            r"y is off by \d",
            id="another sum",
        ),
        pytest.param(
            [helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[3], pads=[1, 1])],
            {},
            r"y has the shape \(1, 2, \d\), not \(1, 2, 8\)",
            id="another shape",
        ),
        pytest.param(
            [helper.make_node("Selu", ["x"], ["y"])], {}, "not supported", id="not supported"
        ),
    ],
)
def test_what_does_not_come_out_exact_is_refused(
    tmp_path: Path, nodes: list[onnx.NodeProto], constants: dict[str, Any], why: str
) -> None:
    """All of these x2paddle gets wrong or gives up on."""
    source = network(tmp_path, nodes, constants)
    workshop = Workshop(Store(tmp_path / "cache"), [paddle_files.converter()], no_progress)
    message = rf"small cannot be converted to Paddle: .*{why}"
    with pytest.raises(ConversionFailed, match=message) as caught:
        workshop.artifact(source.spec, wanted_by(PaddleBackend(), source.spec))
    assert "Choose another `--backend`" in caught.value.remedy
    assert not list((tmp_path / "cache").rglob("*.json"))


@pytest.mark.slow
def test_it_is_compared_on_what_the_model_is_really_fed(tmp_path: Path) -> None:
    """As noise of three sizes, and two batches of pictures."""
    source = network(tmp_path, [helper.make_node("Relu", ["x"], ["y"])])
    feeds = {"x": np.zeros((1, 2, 44), np.float32)}
    calibration = Calibration("zeros", lambda: iter([feeds] * 5))
    conversion = Conversion(source.spec, source, "fp32", calibration=calibration)
    (tmp_path / "made").mkdir()
    told: list[str] = []
    paddle_files.converter().convert(
        conversion, tmp_path / "made", lambda fraction, what: told.append(what)
    )
    assert told == [
        "converting",
        "comparing at 1x2x8",
        "comparing at 1x2x12",
        "comparing at 1x2x4",
        "comparing at 1x2x44",
        "comparing at 1x2x44",
        "done",
    ]


@pytest.mark.slow
def test_a_model_without_shapes_cannot_be_compared(tmp_path: Path) -> None:
    source = network(tmp_path, [helper.make_node("Relu", ["x"], ["y"])])
    with pytest.raises(ConversionFailed, match="small gives no shapes"):
        convert(replace(source.spec, shapes={}), source, tmp_path / "made")


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (helper.make_node("Relu", ["x"], ["y"], domain="com.example"), "not part of ONNX"),
        (helper.make_node("Relu", ["x"], ["y"], mode="a'); import os; ('"), "an attribute is"),
        (helper.make_node("If", ["x"], ["y"], then_branch=onnx.GraphProto()), "loops or branches"),
    ],
)
def test_what_could_become_code_never_reaches_x2paddle(node: onnx.NodeProto, why: str) -> None:
    """It writes a program of names and strings that it finds in the model, and runs it."""
    model = helper.make_model(helper.make_graph([node], "a-b", [], []))
    with pytest.raises(maker.Refused, match=why):
        maker.plain_names(model)


@pytest.mark.slow
def test_names_become_those_of_variables(tmp_path: Path) -> None:
    source = network(
        tmp_path,
        [
            helper.make_node("Add", ["x", "a;b@0"], ["1 + 1"]),
            helper.make_node("Conv", ["1 + 1", "kernel/0"], ["y"]),
        ],
        {"a;b@0": np.float32(1), "kernel/0": np.ones((2, 2, 1), np.float32)},
    )
    plain = maker.plain_names(onnx.load(source.path))
    names = {name for node in plain.graph.node for name in (*node.input, *node.output)}
    assert all(name.isidentifier() for name in names)
    path = convert(source.spec, source, tmp_path / "made")
    with PaddleBackend().open(Artifact(path, "paddle", source.spec), FP32) as session:
        x = np.arange(8, dtype=np.float32).reshape(1, 2, 4)
        assert np.allclose(session.run({"x": x})["y"], np.repeat((x + 1).sum(1)[:, None], 2, 1))


@pytest.mark.slow
def test_lstms_hard_swish_and_resizing_are_written_as_x2paddle_knows_them(tmp_path: Path) -> None:
    """An LSTM both ways over steps of the second axis of x, without states to begin with."""
    random = np.random.default_rng(1)
    weights = {"w": (2, 12, 2), "r": (2, 12, 3), "b": (2, 24)}
    constants = {k: random.normal(size=size).astype(np.float32) for k, size in weights.items()}
    source = network(
        tmp_path,
        [
            helper.make_node("Transpose", ["x"], ["steps"], perm=[2, 0, 1]),
            helper.make_node(
                "LSTM", ["steps", *weights], ["both"], hidden_size=3, direction="bidirectional"
            ),
            helper.make_node("ReduceMean", ["both"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("Transpose", ["mean"], ["turned"], perm=[1, 2, 0]),
            helper.make_node("HardSwish", ["turned"], ["bent"]),
            helper.make_node("Unsqueeze", ["bent", "height"], ["picture"]),
            helper.make_node(
                "Resize",
                ["picture", "", "scales"],
                ["larger"],
                mode="linear",
                coordinate_transformation_mode="half_pixel",
            ),
            helper.make_node("ReduceMean", ["larger"], ["y"], axes=[2], keepdims=0),
        ],
        constants | {"height": np.array([2]), "scales": np.array([1, 1, 2, 2], np.float32)},
        opset=14,
    )
    path = convert(source.spec, source, tmp_path / "made")  # which compares the two
    with PaddleBackend().open(Artifact(path, "paddle", source.spec), FP32) as session:
        assert session.run({"x": np.ones((1, 2, 5), np.float32)})["y"].shape == (1, 3, 10)


def test_without_its_environment_there_is_one_command(tmp_path: Path) -> None:
    workshop = Workshop(Store(tmp_path), [PaddleOnnx(tmp_path)], no_progress)
    with pytest.raises(BackendMissing, match="ocrx converters install paddle-onnx"):
        workshop.artifact(DIFFERENCE.spec(), wanted_by(PaddleBackend(), DIFFERENCE.spec()))


@pytest.mark.slow
def test_other_parameters_are_another_source(tmp_path: Path) -> None:
    """Two that were trained differently share the file of their network."""
    source = paddle_files.toy_artifact(LINE, tmp_path)
    conversion = Conversion(LINE.spec(), source, "fp32")
    converter = PaddleOnnx(tmp_path)
    before = converter.fingerprint(conversion)
    assert before == converter.fingerprint(conversion)
    parameters = source.path.with_suffix(".pdiparams")
    parameters.write_bytes(parameters.read_bytes()[::-1])
    assert converter.fingerprint(conversion) != before
