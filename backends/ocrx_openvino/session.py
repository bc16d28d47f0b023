"""A model compiled by OpenVINO, with one infer request for each call under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import openvino

from ocrx.artifacts import Artifact, Axis
from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.system.memory import trim_memory
from ocrx.types import Tensor, TensorSpec

SHAPES = 96
"""After so many shapes of inputs a model is opened anew. OpenVINO keeps something of each, beside
its plans, and never gives it back: some 0.5 MB of PP-OCRv6 small's recogniser, whose lines come in
some 40 widths."""

SIZES = 12
"""The same for a model whose inputs vary in height and width, as pages do. They come in any size,
and PP-OCRv6 small's detector keeps some 4 MB of each."""

PRECISIONS = {"f32": "fp32", "bf16": "bf16", "f16": "fp16"}


class OpenVinoSession(Session):
    """Runs up to `concurrency` calls at once; further calls wait.

    On a processor the preferred batch is 1. Batches are no faster there, and single pictures come
    in fewer shapes: OpenVINO plans each new shape, which takes as long as reading two or three
    lines.
    """

    thread_safe = True

    def __init__(
        self, opened: Callable[[], Any], artifact: Artifact, concurrency: int, device: str
    ) -> None:
        """`opened` compiles the model, or takes it from the cache of compiled ones."""
        super().__init__()
        model = opened()
        self._name = artifact.spec.name
        self.inputs = tuple(_spec(port) for port in model.inputs)
        self.outputs = tuple(_spec(port) for port in model.outputs)
        self.device = _real_device(model, device)
        self.precision = _real_precision(model, artifact)
        self.concurrency = concurrency
        if device == "CPU":
            self.batch = 1
            self.divided = concurrency > 1  # each stream has its share of the threads
        self._requests = _Pool(model, concurrency)
        self._opened = opened
        self._most = SIZES if _varies_in_size(artifact) else SHAPES
        self._shapes: set[tuple[tuple[int, ...], ...]] = set()

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        inputs = [feeds[spec.name] for spec in self.inputs]
        self._shapes.add(tuple(one.shape for one in inputs))
        with self._requests.take() as request:
            try:
                results = request(inputs)
            except RuntimeError as error:
                shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
                raise BackendError(
                    f"OpenVINO failed to run {self._name} on {shapes}: {error}",
                    "Try `--backend onnxruntime`.",
                ) from error
        return {spec.name: array for spec, array in zip(self.outputs, results, strict=True)}

    def release(self) -> None:
        """Free the memory of intermediate results, unless a call is running. After many shapes
        the model is opened anew."""
        if len(self._shapes) < self._most:
            self._requests.release()
        elif self._requests.renew(self._opened):
            self._shapes.clear()

    def _close(self) -> None:
        self._requests.close()


class _Request:
    """One infer request. Inputs are copied in; outputs are written straight into new arrays."""

    def __init__(self, model: Any) -> None:
        self._request = model.create_infer_request()
        self._ports = list(model.outputs)
        self._outputs = self._new_outputs()

    def __call__(self, inputs: list[Tensor]) -> list[Tensor]:
        # OpenVINO fills a new tensor for each output, which the caller then owns. That saves a copy
        # (18 MB for six lines of text), and no later call overwrites the result. The next tensors
        # are set at once, or the request would hold on to these until it runs again.
        self._request.infer(inputs, share_outputs=True)
        filled, self._outputs = self._outputs, self._new_outputs()
        return [np.asarray(tensor.data) for tensor in filled]

    def _new_outputs(self) -> list[Any]:
        tensors = [openvino.Tensor(port.element_type, _least_shape(port)) for port in self._ports]
        for index, tensor in enumerate(tensors):
            self._request.set_output_tensor(index, tensor)
        return tensors


class _Pool:
    """Infer requests, each used by one caller at a time. The most recent is taken first, because
    its memory is warm."""

    def __init__(self, model: Any, count: int) -> None:
        self._model = model
        self._count = count
        self._free = [_Request(model) for _ in range(count)]
        self._closed = False
        self._change = threading.Condition()

    @contextmanager
    def take(self) -> Iterator[_Request]:
        with self._change:
            self._change.wait_for(lambda: self._free or self._closed)
            if self._closed:
                raise SessionClosed("this session is closed", "Open a new one.")
            request = self._free.pop()
        try:
            yield request
        finally:
            with self._change:
                if not self._closed:
                    self._free.append(request)
                self._change.notify()

    def release(self) -> None:
        with self._change:
            if len(self._free) == self._count:
                self._model.release_memory()
                trim_memory()

    def renew(self, opened: Callable[[], Any]) -> bool:
        """Take another model, unless a call is running, or opening it fails: then the old one
        stays. Returns whether it did."""
        with self._change:
            if len(self._free) < self._count:
                return False
            self._model.release_memory()
            trim_memory()  # before there are two models
            try:
                model = opened()
            except RuntimeError:  # such as for want of memory
                return False
            self._model, self._free = model, [_Request(model) for _ in range(self._count)]
        trim_memory()
        return True

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._free.clear()
            self._model = None
            self._change.notify_all()


def _varies_in_size(artifact: Artifact) -> bool:
    """Whether an input has two dynamic axes beside the number of pictures."""
    return any(
        sum(isinstance(length, Axis) for length in shape[1:]) > 1
        for shape in artifact.spec.shapes.values()
    )


def _spec(port: Any) -> TensorSpec:
    shape = tuple(d.get_length() if d.is_static else None for d in port.partial_shape)
    return TensorSpec(_name(port), shape, np.dtype(port.element_type.to_dtype()).name)


def _name(port: Any) -> str:
    """The name of an input or output in the model's file.

    Optimisation merges tensors, and a merged one lists all their names in no reliable order.
    """
    name = str(port.node.friendly_name).split("/sink_port_", maxsplit=1)[0]
    return name if name in port.names or not port.names else str(port.any_name)


def _least_shape(port: Any) -> Any:
    """The port's shape, with 0 for dynamic axes. OpenVINO grows the tensor when it runs."""
    return openvino.Shape(
        [d.get_length() if d.is_static else 0 for d in port.partial_shape],
    )


def _real_device(model: Any, asked: str) -> str:
    """The device that the model runs on. A single GPU is listed as GPU but executes as GPU.0."""
    devices = [str(device) for device in model.get_property("EXECUTION_DEVICES")]
    return (asked if devices == [f"{asked}.0"] else "+".join(devices)).lower()


def _real_precision(model: Any, artifact: Artifact) -> str:
    if artifact.spec.precision == "int8":
        return "int8"
    hint = str(model.get_property("INFERENCE_PRECISION_HINT").get_type_name())
    return PRECISIONS.get(hint, hint)
