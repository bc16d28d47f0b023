from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from ocrx.errors import ConversionFailed
from ocrx_onnx.graph import OPSET, SHORT_STEM, STEM, WEIGHTED, prepared, run, save, sort_nodes, stem
from support.deepnetwork import LAYERS, deep, pictures
from support.onnx_files import save as saved


def outputs(model: onnx.ModelProto) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    (found,) = run(model, [{"x": pictures()}])
    return found["y"]


def test_tidying_changes_no_result(tmp_path: Path) -> None:
    path = deep(tmp_path).path
    tidy = prepared(path, "deep")
    np.testing.assert_allclose(outputs(tidy), outputs(onnx.load(path)), atol=1e-5)
    assert [one.version for one in tidy.opset_import if not one.domain] == [OPSET]
    assert {one.domain for one in tidy.opset_import} == {""}
    assert len({node.name for node in tidy.graph.node}) == len(tidy.graph.node)


def test_the_metadata_stays(tmp_path: Path) -> None:
    """A recogniser's characters are in it."""
    path = deep(tmp_path).path
    model = onnx.load(path)
    helper.set_model_props(model, {"character": "a\nb"})
    onnx.save(model, path)
    assert [(p.key, p.value) for p in prepared(path, "deep").metadata_props] == [
        ("character", "a\nb")
    ]


def test_an_operation_that_is_not_onnx_is_named(tmp_path: Path) -> None:
    node = helper.make_node("Swirl", ["x"], ["y"], domain="acme")
    ends = ("float32", ["n"])
    artifact = saved(tmp_path / "swirl.onnx", [node], {"x": ends}, {"y": ends})
    with pytest.raises(ConversionFailed, match=r"swirl .*acme\.Swirl") as caught:
        prepared(artifact.path, "swirl")
    assert "--precision" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"no protobuf", None])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConversionFailed, match="toy"):
        prepared(path, "toy")


def test_what_came_out_unsound_is_not_written(tmp_path: Path) -> None:
    model = prepared(deep(tmp_path).path, "deep")
    model.graph.node[0].input[0] = "nowhere"
    with pytest.raises(ConversionFailed, match="deep became invalid"):
        save(model, tmp_path / "out.onnx", "deep")
    assert not (tmp_path / "out.onnx").exists()


def test_what_is_written_is_the_same_every_time(tmp_path: Path) -> None:
    model = prepared(deep(tmp_path).path, "deep")
    for name in ("a.onnx", "b.onnx"):
        save(model, tmp_path / name, "deep")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


@pytest.mark.parametrize(
    ("layers", "expected"), [(1, SHORT_STEM), (STEM - 1, SHORT_STEM), (STEM, STEM), (LAYERS, STEM)]
)
def test_the_stem_ends_with_its_last_convolution(
    tmp_path: Path, layers: int, expected: int
) -> None:
    """There is a product behind the layers."""
    model = prepared(deep(tmp_path, layers).path, "deep")
    nodes = [node for node in model.graph.node if node.name in stem(model)]
    assert sum(node.op_type in WEIGHTED for node in nodes) == expected
    assert nodes[-1].op_type == "Conv"
    assert list(model.graph.node[: len(nodes)]) == nodes


@pytest.mark.parametrize("operation", ["Relu", "MatMul"])
def test_a_network_of_one_operation_has_no_stem(tmp_path: Path, operation: str) -> None:
    ends = ("float32", ["n"])
    given = ["x", "x"] if operation == "MatMul" else ["x"]
    node = helper.make_node(operation, given, ["y"])
    artifact = saved(tmp_path / "relu.onnx", [node], {"x": ends}, {"y": ends})
    assert stem(onnx.load(artifact.path)) == set()


def test_nodes_are_put_after_what_they_take() -> None:
    names = "abcd"
    nodes = [helper.make_node("Relu", [b], [a], a) for b, a in zip("xabc", names, strict=True)]
    graph = helper.make_graph(list(reversed(nodes)), "chain", [], [])
    sort_nodes(graph)
    assert "".join(node.name for node in graph.node) == names


def test_a_circle_is_an_error() -> None:
    nodes = [helper.make_node("Relu", ["a"], ["b"], "b"), helper.make_node("Relu", ["b"], ["a"])]
    with pytest.raises(ValueError, match="b depends on its own output"):
        sort_nodes(helper.make_graph(nodes, "circle", [], []))
