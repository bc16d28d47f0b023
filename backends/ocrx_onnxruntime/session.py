"""A model opened by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.types import Tensor, TensorSpec

# The types whose names differ between ONNX Runtime and NumPy.
DTYPES = {"float": "float32", "double": "float64"}


class OnnxRuntimeSession(Session):
    """Runs any number of calls at once, on one pool of threads.

    On a processor the preferred batch is 1: batches are no faster there, and a single picture is
    never padded to the width of another.
    """

    thread_safe = True

    def __init__(self, session: Any, artifact: Artifact, device: str, concurrency: int) -> None:
        super().__init__()
        self._session = session
        self._name = artifact.spec.name
        self.inputs = tuple(_spec(node) for node in session.get_inputs())
        self.outputs = tuple(_spec(node) for node in session.get_outputs())
        self.device = device
        self.precision = artifact.spec.precision
        self.concurrency = concurrency
        if device == "cpu":
            self.batch = 1

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        session = self._session
        if session is None:
            raise SessionClosed("this session is closed", "Open a new one.")
        try:
            results = session.run(None, dict(feeds))
        # Its exceptions share no base but Exception: Fail, RuntimeException, EPFail, ...
        except Exception as error:
            shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
            raise BackendError(
                f"ONNX Runtime failed to run {self._name} on {shapes}: {error}",
                "Try `--backend openvino`.",
            ) from error
        return {spec.name: array for spec, array in zip(self.outputs, results, strict=True)}

    def _close(self) -> None:
        self._session = None


def _spec(node: Any) -> TensorSpec:
    """The TensorSpec of a node, whose type reads like "tensor(float)" and whose shape like
    ["n", 3, 48, None]."""
    kind = str(node.type).removeprefix("tensor(").removesuffix(")")
    shape = tuple(size if isinstance(size, int) and size >= 0 else None for size in node.shape)
    return TensorSpec(str(node.name), shape, DTYPES.get(kind, kind))
