"""The runtimes: a picture's numbers in, a network's output out."""

import ctypes
import sys
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

Array = Any
Shape = Tuple[int, ...]
MOST_SIZES = 8


class CannotRun(Exception):
    """What was asked for cannot be done here. The message says what helps."""


class Engine:
    """Runs one network. Its only input is float32 (1, 3, H, W)."""

    name = ""
    precision = "fp32"

    def run(self, feed: Array) -> Array:
        """The network's only output, float32."""
        raise NotImplementedError


class OnnxRuntimeEngine(Engine):
    """ONNX Runtime on the processor."""

    name = "onnxruntime"

    def __init__(self, path: Path, network: Dict[str, Any], threads: Optional[int]) -> None:
        runtime = import_module("onnxruntime")
        options = runtime.SessionOptions()
        if threads:
            options.intra_op_num_threads = threads
        providers = ["CPUExecutionProvider"]
        self._session = runtime.InferenceSession(str(path), options, providers=providers)
        self._input = network["input"]

    def run(self, feed: Array) -> Array:
        return self._session.run(None, {self._input: feed})[0]


class TfliteEngine(Engine):
    """TensorFlow Lite. A file holds fixed sizes; for another size the numbers in it that depend on
    the size are replaced, as `template` says: each is affine in every length."""

    name = "tflite"

    def __init__(self, path: Path, network: Dict[str, Any], threads: Optional[int]) -> None:
        self._interpreter = _tflite().Interpreter
        self._threads = threads
        self._content = path.read_bytes()
        self._template = network["template"]
        self._made: Dict[Shape, Any] = {}

    def run(self, feed: Array) -> Array:
        ports = self._template["inputs"][0], self._template["outputs"][0]
        names = self._template["inputs"][0]["shape"]
        sizes = dict(zip(names, feed.shape))
        runner = self._runner(tuple(sizes[one["name"]] for one in self._template["lengths"]))
        given = {detail["name"]: detail["index"] for detail in runner.get_input_details()}
        made = {detail["name"]: detail["index"] for detail in runner.get_output_details()}
        order = ports[0]["order"]
        runner.set_tensor(given[ports[0]["name"]], np.ascontiguousarray(feed.transpose(order)))
        # Recurrent operations keep their state from one call to the next.
        runner.reset_all_variables()
        runner.invoke()
        return runner.get_tensor(made[ports[1]["name"]]).transpose(np.argsort(ports[1]["order"]))

    def _runner(self, size: Shape) -> Any:
        if size not in self._made:
            if len(self._made) >= MOST_SIZES:
                self._made.clear()
            filled = filled_template(self._content, self._template, size)
            runner = self._interpreter(model_content=filled, num_threads=self._threads)
            runner.allocate_tensors()
            self._made[size] = runner
        return self._made[size]


def _tflite() -> Any:
    for name in ("ai_edge_litert.interpreter", "tflite_runtime.interpreter"):
        try:
            return import_module(name)
        except ImportError:
            continue
    raise ImportError("neither ai_edge_litert nor tflite_runtime")


def filled_template(content: bytes, template: Dict[str, Any], size: Shape) -> bytes:
    """The TFLite file for these values of the template's lengths."""
    lengths = template["lengths"]
    corners = list(product(*((one["low"], one["high"]) for one in lengths)))
    words = np.frombuffer(content[: len(content) // 4 * 4], dtype="<i4").copy()
    whole = 1
    for one in lengths:
        whole *= one["high"] - one["low"]
    for patch in template["patches"]:
        total = 0
        for value, corner in zip(patch["values"], corners):
            weight = value
            for one, at, wanted in zip(lengths, corner, size):
                weight *= wanted - one["low"] if at == one["high"] else one["high"] - wanted
            total += weight
        if total % whole:
            raise CannotRun(f"the TFLite file cannot be run at the size {size}")
        words[patch["at"]] = total // whole
    filled: bytes = words.tobytes()
    return filled + content[len(filled) :]


class TensorRtEngine(Engine):
    """TensorRT 8, on the memory that libcudart gives."""

    name = "tensorrt"

    def __init__(self, path: Path, network: Dict[str, Any], threads: Optional[int]) -> None:
        tensorrt = import_module("tensorrt")
        self._cuda = Cuda()
        self._cuda.start()
        runtime = tensorrt.Runtime(tensorrt.Logger(tensorrt.Logger.WARNING))
        self._engine = runtime.deserialize_cuda_engine(path.read_bytes())
        if self._engine is None:
            raise CannotRun(f"{path.name} is of another TensorRT or GPU: build it again")
        self._context = self._engine.create_execution_context()
        numbers = range(self._engine.num_bindings)
        (self._given,) = [i for i in numbers if self._engine.binding_is_input(i)]
        (self._made,) = [i for i in numbers if i != self._given]

    def run(self, feed: Array) -> Array:
        feed = np.ascontiguousarray(feed, dtype=np.float32)
        if not self._context.set_binding_shape(self._given, feed.shape):
            raise CannotRun(f"the engine was not built for the size {feed.shape}")
        output = np.empty(tuple(self._context.get_binding_shape(self._made)), np.float32)
        addresses = [0, 0]
        addresses[self._given] = self._cuda.room(self._given, feed.nbytes)
        addresses[self._made] = self._cuda.room(self._made, output.nbytes)
        self._cuda.send(addresses[self._given], feed)
        if not self._context.execute_v2(addresses):
            raise CannotRun("TensorRT failed to run the network")
        self._cuda.fetch(output, addresses[self._made])
        return output


class Cuda:
    """The few functions of CUDA's runtime that are needed, and a block of memory for each tensor,
    which grows with it."""

    LIBRARIES = ("libcudart.so", "libcudart.so.10.2", "/usr/local/cuda/lib64/libcudart.so")
    TO_DEVICE, TO_HOST = 1, 2

    def __init__(self) -> None:
        self._library = _library(self.LIBRARIES)
        self._blocks: Dict[int, Tuple[Any, int]] = {}

    def start(self) -> None:
        """Make the context that TensorRT uses."""
        self._check(self._library.cudaFree(ctypes.c_void_p()))

    def room(self, tensor: int, size: int) -> int:
        """The address of the tensor's block, which has at least `size` bytes."""
        block, had = self._blocks.get(tensor, (ctypes.c_void_p(), 0))
        if had < size:
            self._check(self._library.cudaFree(block))
            block = ctypes.c_void_p()
            self._check(self._library.cudaMalloc(ctypes.byref(block), ctypes.c_size_t(size)))
            self._blocks[tensor] = block, size
        return block.value or 0

    def send(self, address: int, array: Array) -> None:
        """Copy an array to the device."""
        self._copy(address, array.ctypes.data, array.nbytes, self.TO_DEVICE)

    def fetch(self, array: Array, address: int) -> None:
        """Copy from the device into an array; waits for what was started before."""
        self._copy(array.ctypes.data, address, array.nbytes, self.TO_HOST)

    def _copy(self, target: int, source: int, size: int, kind: int) -> None:
        places = ctypes.c_void_p(target), ctypes.c_void_p(source)
        self._check(self._library.cudaMemcpy(*places, ctypes.c_size_t(size), kind))

    def _check(self, status: int) -> None:
        if status:
            raise CannotRun(f"CUDA failed with error {status} of cudaError_t")


def _library(names: Tuple[str, ...]) -> Any:
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise CannotRun("libcudart is not here: install CUDA, or choose another --engine")


KINDS = {one.name: one for one in (TensorRtEngine, OnnxRuntimeEngine, TfliteEngine)}
MODULES = {
    "tensorrt": ("tensorrt",),
    "onnxruntime": ("onnxruntime",),
    "tflite": ("ai_edge_litert", "tflite_runtime"),
}


def choose_engine(asked: str, bundle: Dict[str, Any], folder: Path) -> str:
    """The engine to use. "auto" is the first of the bundle's whose module and files are here."""
    known: List[str] = bundle["engines"]
    if asked not in ("auto", *known):
        raise CannotRun("this bundle runs on {}, not on {}".format(", ".join(known), asked))
    missing: List[str] = []
    for name in known if asked == "auto" else [asked]:
        lacking = _lacking(name, bundle, folder)
        if not lacking:
            if missing:
                sys.stderr.write("using {}, because {}\n".format(name, "; ".join(missing)))
            return name
        missing.append(lacking)
    raise CannotRun("; ".join(missing))


def _lacking(name: str, bundle: Dict[str, Any], folder: Path) -> str:
    """Why an engine cannot be used here; "" if it can."""
    if not any(_is_here(module) for module in MODULES[name]):
        return f"{name} is not installed"
    for network in bundle["networks"].values():
        file = network["files"][name]
        if not (folder / file).is_file():
            how = ": run ./build_engine.sh" if name == "tensorrt" else ""
            return f"{file} is not here{how}"
    return ""


def _is_here(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def open_engine(name: str, network: Dict[str, Any], folder: Path, threads: Optional[int]) -> Engine:
    """The network on that engine."""
    path = folder / network["files"][name]
    try:
        engine = KINDS[name](path, network, threads)
    except CannotRun:
        raise
    except Exception as error:  # each runtime has its own
        reason = " ".join(str(error).split())
        raise CannotRun(
            f"{name} cannot load {path.name}; is the folder whole (sha256sum -c SHA256SUMS)? "
            f"{reason}"
        ) from error
    engine.precision = network["precisions"][name]
    return engine
