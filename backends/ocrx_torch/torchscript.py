"""Reads TorchScript files."""

from __future__ import annotations

import json
import warnings
from typing import Any

import torch

from ocrx.artifacts import Artifact, Axis
from ocrx.types import TensorSpec
from ocrx_torch.network import TorchNetwork

SIGNATURE = "ocrx.json"
"""A file in a TorchScript archive that names the outputs of a network that returns a tuple, as
{"outputs": [names]}."""


def read_torchscript(artifact: Artifact) -> TorchNetwork:
    """The network of a TorchScript file, whose archive C++ reads and which holds no Python code.
    (torch.export's .pt2 falls back to unpickling, which runs any Python code that a file holds.)

    Raises RuntimeError, from torch, or ValueError.
    """
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
    return TorchNetwork(module, inputs, outputs)


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
