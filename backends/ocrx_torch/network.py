"""Model files as torch networks, before they are placed on a device."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ocrx.artifacts import Artifact, Axis
from ocrx.types import TensorSpec
from ocrx_torch.importer import import_onnx

SIGNATURE = "ocrx.json"
"""A file inside a TorchScript archive: {"outputs": [names]} where the network returns a tuple."""


@dataclass(frozen=True)
class Network:
    """`module` takes the inputs in order, as tensors, and gives the outputs in order.

    Where it is an fx.GraphModule, its operations can be seen and changed.
    """

    module: torch.nn.Module
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def __call__(self, *inputs: Tensor) -> Sequence[Tensor]:
        result = self.module(*inputs)
        return (result,) if isinstance(result, Tensor) else result


def read_onnx(artifact: Artifact) -> Network:
    found = import_onnx(artifact.path)
    return Network(found.module, found.inputs, found.outputs)


def read_torchscript(artifact: Artifact) -> Network:
    """TorchScript, whose archive is read in C++ and holds no Python code. (torch.export's .pt2
    falls back to unpickling, which runs whatever Python a file asks for.)"""
    files = {SIGNATURE: ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = torch.jit.load(str(artifact.path), map_location="cpu", _extra_files=files)
    module.eval()
    schema = module.forward.schema
    signature = json.loads(files[SIGNATURE] or "{}")
    names = [argument.name for argument in schema.arguments if argument.name != "self"]
    inputs = tuple(_input(name, artifact) for name in names)
    outputs = tuple(
        TensorSpec(name, (), "float32")
        for name in signature.get("outputs") or _output_names(schema.returns[0].type)
    )
    return Network(module, inputs, outputs)


def _input(name: str, artifact: Artifact) -> TensorSpec:
    if name not in artifact.spec.shapes:
        known = ", ".join(artifact.spec.shapes) or "none"
        raise ValueError(f"its input {name!r} is not among those of its description: {known}")
    sizes = artifact.spec.shapes[name]
    return TensorSpec(name, tuple(None if isinstance(s, Axis) else s for s in sizes), "float32")


def _output_names(kind: Any) -> list[str]:
    if kind.kind() == "TensorType":
        return ["output"]
    if kind.kind() != "TupleType":
        raise ValueError(f"it returns {kind}, not a tensor or a tuple of tensors")
    return [f"output_{place}" for place in range(len(kind.elements()))]
