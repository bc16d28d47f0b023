"""Calls an engine by the names of its tensors or, where TensorRT has none, by their numbers.

TensorRT 8.5 introduced names, 10 removed numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocrx.errors import BackendError

# NumPy's names of types, by TensorRT's.
DTYPES = {
    "FLOAT": "float32",
    "HALF": "float16",
    "INT8": "int8",
    "UINT8": "uint8",
    "INT32": "int32",
    "INT64": "int64",
    "BOOL": "bool",
}
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Port:
    """One input or output. `shape` has -1 for dynamic axes; `least` and `most` are the smallest and
    largest shape of an input."""

    index: int
    name: str
    is_input: bool
    shape: Shape
    dtype: str
    least: Shape = ()
    most: Shape = ()


class Calls(ABC):
    """What a session needs of an engine and its execution contexts.

    `set_shape` and `execute` return whether TensorRT accepted the call.
    """

    ports: tuple[Port, ...]

    @abstractmethod
    def set_shape(self, context: Any, port: Port, shape: Shape) -> bool:
        """Set the shape of an input."""

    @abstractmethod
    def shape_of(self, context: Any, port: Port) -> Shape:
        """The shape of an output, once the shapes of all inputs are set."""

    @abstractmethod
    def execute(self, context: Any, addresses: Sequence[int], stream: int) -> bool:
        """Queue the computation on a stream. `addresses` has the memory of all ports, in order."""


def calls_of(module: Any, engine: Any) -> Calls:
    """The way to call this engine, by names if it has them."""
    if hasattr(engine, "num_io_tensors"):
        return NamedTensors(module, engine)
    return NumberedBindings(module, engine)


class NamedTensors(Calls):
    """The interface since TensorRT 8.5."""

    def __init__(self, module: Any, engine: Any) -> None:
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        self.ports = tuple(
            self._port(module, engine, index, str(name)) for index, name in enumerate(names)
        )

    def _port(self, module: Any, engine: Any, index: int, name: str) -> Port:
        is_input = engine.get_tensor_mode(name) == module.TensorIOMode.INPUT
        least, most = _ends(engine.get_tensor_profile_shape(name, 0)) if is_input else ((), ())
        shape, dtype = tuple(engine.get_tensor_shape(name)), _dtype(engine.get_tensor_dtype(name))
        return Port(index, name, is_input, shape, dtype, least, most)

    def set_shape(self, context: Any, port: Port, shape: Shape) -> bool:
        return bool(context.set_input_shape(port.name, shape))

    def shape_of(self, context: Any, port: Port) -> Shape:
        return tuple(context.get_tensor_shape(port.name))

    def execute(self, context: Any, addresses: Sequence[int], stream: int) -> bool:
        taken = [
            context.set_tensor_address(port.name, address)
            for port, address in zip(self.ports, addresses, strict=True)
        ]
        return all(taken) and bool(context.execute_async_v3(stream_handle=stream))


class NumberedBindings(Calls):
    """The interface before TensorRT 10."""

    def __init__(self, module: Any, engine: Any) -> None:
        # Each profile has its own copy of all bindings; use those of the first.
        count = engine.num_bindings // max(1, engine.num_optimization_profiles)
        self.ports = tuple(self._port(engine, index) for index in range(count))

    def _port(self, engine: Any, index: int) -> Port:
        is_input = bool(engine.binding_is_input(index))
        least, most = _ends(engine.get_profile_shape(0, index)) if is_input else ((), ())
        shape, dtype = (
            tuple(engine.get_binding_shape(index)),
            _dtype(engine.get_binding_dtype(index)),
        )
        return Port(index, str(engine.get_binding_name(index)), is_input, shape, dtype, least, most)

    def set_shape(self, context: Any, port: Port, shape: Shape) -> bool:
        return bool(context.set_binding_shape(port.index, shape))

    def shape_of(self, context: Any, port: Port) -> Shape:
        return tuple(context.get_binding_shape(port.index))

    def execute(self, context: Any, addresses: Sequence[int], stream: int) -> bool:
        return bool(context.execute_async_v2(bindings=list(addresses), stream_handle=stream))


def _ends(shapes: Sequence[Any]) -> tuple[Shape, Shape]:
    """The smallest and the largest of (smallest, typical, largest)."""
    return tuple(shapes[0]), tuple(shapes[2])


def _dtype(dtype: Any) -> str:
    try:
        return DTYPES[str(dtype.name)]
    except KeyError:
        raise BackendError(
            f"the engine has an input or output of type {dtype.name}, which NumPy lacks",
            "Build it with inputs and outputs in fp32.",
        ) from None
