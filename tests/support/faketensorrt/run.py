"""Running, in the fake TensorRT: engines and execution contexts of each generation."""

from __future__ import annotations

import ctypes
import enum
import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime

from support.faketensorrt.build import MAGIC, Range, Severity

if TYPE_CHECKING:
    from support.faketensorrt import FakeTensorRt

DTYPES = {1: "FLOAT", 10: "HALF", 3: "INT8", 6: "INT32", 7: "INT64", 9: "BOOL", 11: "DOUBLE"}


class DataType(enum.Enum):
    FLOAT, HALF, INT8, INT32, INT64, BOOL, DOUBLE = range(7)


class TensorIOMode(enum.Enum):
    NONE, INPUT, OUTPUT = range(3)


class Runtime:
    tensorrt: FakeTensorRt

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def deserialize_cuda_engine(self, blob: bytes) -> Engine | None:
        tensorrt = self.tensorrt
        here = tensorrt.cuda.current()
        about, model = _unpack(blob)
        if about is None or here is None:
            self._logger.log(Severity.ERROR, "Serialization assertion magicTag failed")
            return None
        wanted = (tensorrt.version, tensorrt.architecture(here))
        if (about["version"], about["architecture"]) != wanted:
            self._logger.log(Severity.ERROR, f"The engine plan file is not compatible: {wanted}")
            return None
        engine: Engine = tensorrt.engine(tensorrt, about, model)
        tensorrt.alive.add(engine)
        return engine


def _unpack(blob: bytes) -> tuple[Any, bytes]:
    try:
        magic, sizes, rest = blob.split(b"\n", 2)
        text, model = map(int, sizes.split())
        if magic + b"\n" != MAGIC or len(rest) != text + model:
            return None, b""
        return json.loads(rest[:text]), rest[text:]
    except ValueError:
        return None, b""


class Engine:
    """What computes; the ways to ask for it are the subclasses'."""

    num_optimization_profiles = 1

    def __init__(self, tensorrt: FakeTensorRt, about: Any, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options)
        graph = onnx.load_from_string(model).graph
        self.tensorrt = tensorrt
        self.ends = [*graph.input, *graph.output]
        self.names = [str(value.name) for value in self.ends]
        self.input_names = [str(value.name) for value in graph.input]
        self.ranges: dict[str, Range] = about["ranges"]
        self.shapes: dict[str, list[int]] = about["shapes"]
        self.shared: bool = about["shared"]
        self.contexts = 0

    def shape(self, name: str) -> tuple[int, ...]:
        if name in self.shapes:
            return tuple(self.shapes[name])
        dims = self.ends[self.names.index(name)].type.tensor_type.shape.dim
        return tuple(d.dim_value if d.HasField("dim_value") else -1 for d in dims)

    def dtype(self, name: str) -> DataType:
        kind = self.ends[self.names.index(name)].type.tensor_type.elem_type
        return DataType[DTYPES[kind]]

    def range(self, name: str) -> Range:
        return self.ranges.get(name) or [list(self.shape(name))] * 3

    def compute(self, feeds: dict[str, Any]) -> list[Any]:
        return list(self._session.run(self.names[len(self.input_names) :], feeds))

    def create_execution_context(self, config: Any = None) -> Context | None:
        context: Context = self.tensorrt.context(self, config)
        # A profile that may not be shared is the first context's alone.
        context.active_optimization_profile = 0 if self.shared or not self.contexts else -1
        self.contexts += 1
        self.tensorrt.alive.add(context)
        return context


class NamedEngine(Engine):
    @property
    def num_io_tensors(self) -> int:
        return len(self.names)

    def get_tensor_name(self, index: int) -> str:
        return self.names[index]

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return TensorIOMode.INPUT if name in self.input_names else TensorIOMode.OUTPUT

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.shape(name)

    def get_tensor_dtype(self, name: str) -> DataType:
        return self.dtype(name)

    def get_tensor_profile_shape(self, name: str, profile: int) -> Range:
        return self.range(name)


class NumberedEngine(Engine):
    @property
    def num_bindings(self) -> int:
        return len(self.names)

    def get_binding_name(self, index: int) -> str:
        return self.names[index]

    def binding_is_input(self, index: int) -> bool:
        return self.names[index] in self.input_names

    def get_binding_shape(self, index: int) -> tuple[int, ...]:
        return self.shape(self.names[index])

    def get_binding_dtype(self, index: int) -> DataType:
        return self.dtype(self.names[index])

    def get_profile_shape(self, profile: int, index: int) -> Range:
        return self.range(self.names[index])


class RuntimeCache:
    """Holds the shapes that kernels were compiled for."""

    def __init__(self) -> None:
        self.kernels: set[str] = set()

    def deserialize(self, blob: bytes) -> bool:
        if not blob.startswith(b"kernels "):
            return False
        self.kernels |= set(blob.decode().split()[1:])
        return True

    def serialize(self) -> bytes:
        return " ".join(["kernels", *sorted(self.kernels)]).encode()


class RuntimeConfig:
    def __init__(self) -> None:
        self.cache: RuntimeCache | None = None


class RtxRuntimeConfig(RuntimeConfig):
    def create_runtime_cache(self) -> RuntimeCache:
        return RuntimeCache()

    def set_runtime_cache(self, cache: RuntimeCache) -> bool:
        self.cache = cache
        return True


class ConfiguredEngine(NamedEngine):
    def create_runtime_config(self) -> RuntimeConfig:
        return RuntimeConfig()


class RtxEngine(NamedEngine):
    def create_runtime_config(self) -> RuntimeConfig:
        return RtxRuntimeConfig()


class Context:
    """Computes when the stream is waited for, and never twice at once."""

    active_optimization_profile = 0

    def __init__(self, engine: Engine, config: Any) -> None:
        self._engine = engine
        self._config = config
        self._fed: dict[str, tuple[int, ...]] = {}
        self._busy = threading.Lock()

    def set(self, name: str, shape: Sequence[int]) -> bool:
        least, _, most = self._engine.range(name)
        fits = len(shape) == len(least) and all(
            low <= size <= high for low, size, high in zip(least, shape, most, strict=True)
        )
        if fits:
            self._fed[name] = tuple(shape)
        return fits

    def shape(self, name: str) -> tuple[int, ...]:
        if name in self._engine.input_names:
            return self._fed.get(name, self._engine.shape(name))
        if self._fed.keys() != set(self._engine.input_names):
            return self._engine.shape(name)
        zeros = {name: np.zeros(shape, np.float32) for name, shape in self._fed.items()}
        names = self._engine.names[len(zeros) :]
        return tuple(self._engine.compute(zeros)[names.index(name)].shape)

    def queue(self, addresses: dict[str, int], stream: int) -> bool:
        cuda = self._engine.tensorrt.cuda
        shapes = {name: self.shape(name) for name in self._engine.names}
        sizes = {name: 4 * int(np.prod(shape)) for name, shape in shapes.items()}
        whole = all(cuda.holds(addresses.get(name, 0), size) for name, size in sizes.items())
        if cuda.current() is None or stream not in cuda.streams or not whole:
            return False
        cache = getattr(self._config, "cache", None)
        if cache is not None:
            cache.kernels.add(str(sorted(shapes.items())).replace(" ", ""))
        cuda.streams[stream].append(lambda: self._compute(dict(addresses), shapes))
        return True

    def _compute(self, addresses: dict[str, int], shapes: dict[str, tuple[int, ...]]) -> None:
        assert self._busy.acquire(blocking=False), "one context is run by two threads at once"
        try:
            arrays = {name: _view(addresses[name], shape) for name, shape in shapes.items()}
            inputs = self._engine.input_names
            results = self._engine.compute({name: arrays[name].copy() for name in inputs})
            for name, result in zip(self._engine.names[len(inputs) :], results, strict=True):
                arrays[name][...] = result
        finally:
            self._busy.release()


def _view(address: int, shape: tuple[int, ...]) -> Any:
    block = (ctypes.c_float * int(np.prod(shape))).from_address(address)
    return np.ctypeslib.as_array(block).reshape(shape)


class NamedContext(Context):
    def __init__(self, engine: Engine, config: Any) -> None:
        super().__init__(engine, config)
        self._addresses: dict[str, int] = {}

    def set_input_shape(self, name: str, shape: Sequence[int]) -> bool:
        return self.set(name, shape)

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.shape(name)

    def set_tensor_address(self, name: str, memory: int) -> bool:
        self._addresses[name] = memory
        return memory != 0

    def execute_async_v3(self, stream_handle: int) -> bool:
        return self.queue(self._addresses, stream_handle)


class NumberedContext(Context):
    def set_binding_shape(self, binding: int, shape: Sequence[int]) -> bool:
        return self.set(self._engine.names[binding], shape)

    def get_binding_shape(self, binding: int) -> tuple[int, ...]:
        return self.shape(self._engine.names[binding])

    def execute_async_v2(self, bindings: list[int], stream_handle: int) -> bool:
        return self.queue(dict(zip(self._engine.names, bindings, strict=True)), stream_handle)
