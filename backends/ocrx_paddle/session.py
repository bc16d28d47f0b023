"""A model opened by Paddle Inference, with one predictor for each call under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.system.memory import trim_memory
from ocrx.types import Tensor
from ocrx_paddle.program import Program
from ocrx_paddle.runtime import reason


class PaddleSession(Session):
    """`concurrency` calls of `run` make progress at once; more of them wait their turn."""

    thread_safe = True

    def __init__(self, name: str, program: Program, predictors: Sequence[Any], device: str) -> None:
        super().__init__()
        self._name = name
        self.inputs, self.outputs = program.inputs, program.outputs
        self.device = device
        self.precision = "fp32"
        self.concurrency = len(predictors)
        self.divided = device == "cpu" and self.concurrency > 1
        self._free = list(predictors)
        self._change = threading.Condition()

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with self._taken() as predictor:
            try:
                for name, tensor in feeds.items():
                    handle = predictor.get_input_handle(name)
                    handle.reshape(tensor.shape)
                    handle.copy_from_cpu(tensor)
                predictor.run()
                return {
                    spec.name: predictor.get_output_handle(spec.name).copy_to_cpu()
                    for spec in self.outputs
                }
            # Paddle turns its errors into nine of Python's own, from IndexError to OSError.
            except Exception as error:
                shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
                raise BackendError(
                    f"Paddle failed to run {self._name} on {shapes}: {reason(error)}",
                    "Try `--backend onnxruntime`.",
                ) from error

    @contextmanager
    def _taken(self) -> Iterator[Any]:
        """A predictor in this caller's hands alone; the last used first, while warm."""
        with self._change:
            self._change.wait_for(lambda: self._free or self.closed)
            if self.closed:
                raise SessionClosed("this session is closed", "Open a new one.")
            predictor = self._free.pop()
        try:
            yield predictor
        finally:
            with self._change:
                if not self.closed:
                    self._free.append(predictor)
                self._change.notify()

    def release(self) -> None:
        """Gives back the memory between layers, if no call is under way."""
        with self._change:
            if len(self._free) == self.concurrency:
                for predictor in self._free:
                    predictor.clear_intermediate_tensor()
                    predictor.try_shrink_memory()
                trim_memory()

    def close(self) -> None:
        """Frees the model once the calls under way have returned."""
        with self._change:
            self.closed = True
            self._free.clear()
            self._change.notify_all()
