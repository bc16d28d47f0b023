"""A model compiled by OpenVINO, with one infer request for each call under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces import Session
from ocrx.types import Tensor, TensorSpec

PRECISIONS = {"f32": "fp32", "bf16": "bf16", "f16": "fp16"}


class OpenVinoSession(Session):
    """`concurrency` calls of `run` make progress at once; more of them wait their turn."""

    thread_safe = True

    def __init__(self, model: Any, artifact: Artifact, concurrency: int, device: str) -> None:
        super().__init__()
        self._name = artifact.spec.name
        self.inputs = tuple(_spec(port) for port in model.inputs)
        self.outputs = tuple(_spec(port) for port in model.outputs)
        self.device = _real_device(model, device)
        hint = model.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        quantised = artifact.spec.precision == "int8"
        self.precision = "int8" if quantised else PRECISIONS.get(hint, hint)
        self.concurrency = concurrency
        self._requests = _Pool([model.create_infer_request() for _ in range(concurrency)])

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with self._requests.take() as request:
            try:
                results = request.infer(dict(feeds))
            except RuntimeError as error:
                shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
                raise BackendError(
                    f"OpenVINO failed to run {self._name} on {shapes}: {error}",
                    "Try `--backend onnxruntime`.",
                ) from error
        return {spec.name: results[index] for index, spec in enumerate(self.outputs)}

    def close(self) -> None:
        self.closed = True
        self._requests.close()


class _Pool:
    """Infer requests, each in one caller's hands at a time; the last used first, while warm."""

    def __init__(self, requests: list[Any]) -> None:
        self._free = requests
        self._closed = False
        self._change = threading.Condition()

    @contextmanager
    def take(self) -> Iterator[Any]:
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

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._free.clear()
            self._change.notify_all()


def _spec(port: Any) -> TensorSpec:
    shape = tuple(d.get_length() if d.is_static else None for d in port.partial_shape)
    return TensorSpec(port.any_name, shape, np.dtype(port.element_type.to_dtype()).name)


def _real_device(model: Any, asked: str) -> str:
    """Where the model runs. One GPU alone is listed as GPU but executes as GPU.0."""
    devices = [str(device) for device in model.get_property("EXECUTION_DEVICES")]
    if devices == [f"{asked}.0"]:
        return asked.lower()
    return "+".join(devices).lower()
