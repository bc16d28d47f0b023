"""Reads a Paddle network's file: its inputs and outputs, and how large its parameters are.

Paddle itself tells only names. It also accepts truncated or missing parameters, and computes with
zeros or noise instead.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrx.types import TensorSpec
from ocrx_paddle.pir import GIVES, HOLDS, TAKES, attribute, operations

DTYPES = {
    "0.t_bool": "bool", "0.t_ui8": "uint8", "0.t_i8": "int8", "0.t_i16": "int16",
    "0.t_i32": "int32", "0.t_i64": "int64", "0.t_f16": "float16", "0.t_bf16": "bfloat16",
    "0.t_f32": "float32", "0.t_f64": "float64",
}  # fmt: skip
SIZES = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "float16": 2,
    "bfloat16": 2, "float32": 4, "float64": 8,
}  # fmt: skip

# The values of VarType.Type in paddle/fluid/framework/framework.proto.
OLD_DTYPES = {
    0: "bool", 1: "int16", 2: "int32", 3: "int64", 4: "float16", 5: "float32", 6: "float64",
    20: "uint8", 21: "int8", 22: "bfloat16",
}  # fmt: skip
# The number of the field of VarType that was called lod_tensor and is now called dense_tensor.
TENSOR = 3


@dataclass(frozen=True)
class Program:
    """`weights` is the size in bytes of the parameter file, 0 if the network needs none."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    weights: int


def read_program(network: Path) -> Program:
    """Raises OSError, or ValueError for a file that is not a Paddle network."""
    content = network.read_bytes()
    try:
        return _old(content) if network.suffix == ".pdmodel" else _new(json.loads(content))
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"it is not a Paddle network ({type(error).__name__}: {error})") from error


def _new(read: Any) -> Program:
    """Read Paddle 3's format: its intermediate representation (PIR) as JSON."""
    inputs, outputs, weights = [], list[tuple[int, TensorSpec]](), 0
    for operation in operations(read):
        kind = operation["#"]
        if kind in TAKES:
            inputs.append(_tensor(operation))
        elif kind == GIVES:
            outputs.append((attribute(operation, "col")["D"], _tensor(operation)))
        elif kind == HOLDS and operation["OA"][0]:  # it is persistable
            weights += _stored(*_kind_of(operation["O"]))
    ordered = sorted(outputs, key=lambda output: output[0])
    return _checked(inputs, [spec for _, spec in ordered], weights)


def _tensor(operation: Mapping[str, Any]) -> TensorSpec:
    dtype, sizes = _kind_of(operation["O"][0])
    return _spec(str(attribute(operation, "name")["D"]), dtype, sizes)


def _kind_of(value: Mapping[str, Any]) -> tuple[str, list[int]]:
    dtype, sizes = value["TT"]["D"][:2]
    return DTYPES[dtype["#"]], sizes


def _old(content: bytes) -> Program:
    """Read Paddle 2's format: a ProgramDesc of paddle/fluid/framework/framework.proto."""
    from paddle.base.proto.framework_pb2 import ProgramDesc

    program = ProgramDesc()
    try:
        program.ParseFromString(content)
    except Exception as error:  # protobuf's DecodeError derives only from Exception
        raise ValueError(f"it is not a Paddle network: {error}") from error
    block = program.blocks[0]
    tensors = {}
    for variable in block.vars:
        kind = variable.type
        name = kind.DESCRIPTOR.fields_by_number[TENSOR].name
        if kind.HasField(name):
            tensor = getattr(kind, name).tensor
            tensors[variable.name] = OLD_DTYPES[tensor.data_type], list(tensor.dims)
    inputs = [op.outputs[0].arguments[0] for op in block.ops if op.type == "feed"]
    outputs = [op.inputs[0].arguments[0] for op in block.ops if op.type == "fetch"]
    held = [v.name for v in block.vars if v.persistable and v.name in tensors]
    return _checked(
        [_spec(name, *tensors[name]) for name in inputs],
        [_spec(name, *tensors[name]) for name in outputs],
        sum(_stored(*tensors[name]) for name in held),
    )


def _checked(inputs: list[TensorSpec], outputs: list[TensorSpec], weights: int) -> Program:
    if not inputs or not outputs:
        raise ValueError("the network has no inputs or no outputs")
    return Program(tuple(inputs), tuple(outputs), weights)


def _spec(name: str, dtype: str, sizes: Sequence[int]) -> TensorSpec:
    return TensorSpec(name, tuple(size if size >= 0 else None for size in sizes), dtype)


def _stored(dtype: str, sizes: Sequence[int]) -> int:
    """The bytes that a parameter takes in the file.

    These are two version numbers and the number of LoD levels (16 bytes), the length of the
    description (4), the description (a protobuf message of the dtype and each size), and the
    values. Source: paddle/phi/core/framework/dense_tensor_tostream.cc.
    """
    described = 2 + sum(1 + _varint(size) for size in sizes)
    return 20 + described + math.prod(sizes) * SIZES[dtype]


def _varint(value: int) -> int:
    """The bytes of an integer in a protobuf message, which holds seven bits in each."""
    return max(1, -(-value.bit_length() // 7))
