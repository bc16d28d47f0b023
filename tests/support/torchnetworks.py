"""Small ONNX networks, and what ONNX Runtime makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import fx

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.types import Tensor
from ocrx_torch.backend import TorchBackend
from ocrx_torch.importer import import_model
from ocrx_torch.session import TorchSession

Node = tuple[str, list[str], list[str], dict[str, Any]]


def network(
    nodes: Sequence[Node],
    inputs: dict[str, list[int | str]],
    constants: dict[str, Any],
    output: str = "y",
    opset: int = 11,
) -> onnx.ModelProto:
    """Nodes as (operation, inputs, outputs, attributes); one output, of any shape."""
    graph = helper.make_graph(
        [helper.make_node(kind, i, o, **attributes) for kind, i, o, attributes in nodes],
        "small",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def imported(model: onnx.ModelProto, name: str = "small") -> fx.GraphModule:
    module = import_model(model, name).module
    assert isinstance(module, fx.GraphModule)
    return module


def noise(*shape: int, seed: int = 0) -> Tensor:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def artifact(path: Path, precision: Precision = "fp32") -> Artifact:
    return Artifact(path, "onnx", ModelSpec(path.stem, "recognition", {}, precision=precision))


def saved(model: onnx.ModelProto, folder: Path) -> Artifact:
    path = folder / "small.onnx"
    onnx.save(model, str(path))
    return artifact(path)


def opened(path: Path, **options: Any) -> TorchSession:
    return TorchBackend().open(artifact(path), SessionOptions(**options))


def by_onnxruntime(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check_against_onnxruntime(path: Path, feeds: dict[str, Tensor], atol: float = 2e-5) -> None:
    """Both, on the processor in fp32."""
    right = by_onnxruntime(path).run(None, feeds)
    with opened(path, device="cpu", precision="fp32") as session:
        found = session.run(feeds)
    for spec, expected in zip(session.outputs, right, strict=True):
        assert found[spec.name].dtype == expected.dtype
        np.testing.assert_allclose(found[spec.name], expected, rtol=1e-4, atol=atol)


def functions(module: torch.fx.GraphModule) -> list[str]:
    """The names of the functions that a graph calls."""
    calls = [node.target for node in module.graph.nodes if node.op == "call_function"]
    return [str(getattr(target, "__name__", target)) for target in calls]
