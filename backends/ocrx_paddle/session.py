"""A model opened by Paddle Inference, with one predictor for each concurrent call."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.system.memory import trim_memory
from ocrx.types import Tensor, TensorSpec
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
        # A predictor builds its executor in its first run, in a scope that all clones share. Paddle
        # does not say that several may do so at once.
        starting = threading.Lock()
        self._free = [_Lane(predictor, self.outputs, starting) for predictor in predictors]
        self._change = threading.Condition()

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with self._taken() as lane:
            try:
                return lane.run(feeds)
            # Paddle raises nine of Python's exceptions, from IndexError to OSError.
            except Exception as error:
                shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
                raise BackendError(
                    f"Paddle failed to run {self._name} on {shapes}: {reason(error)}",
                    "Try `--backend onnxruntime`.",
                ) from error

    @contextmanager
    def _taken(self) -> Iterator[_Lane]:
        """A lane for this caller alone. The most recent is taken first, while it is warm.

        Raises SessionClosed.
        """
        with self._change:
            self._change.wait_for(lambda: self._free or self.closed)
            if self.closed:
                raise SessionClosed("this session is closed", "Open a new one.")
            lane = self._free.pop()
        try:
            yield lane
        finally:
            with self._change:
                if not self.closed:
                    self._free.append(lane)
                self._change.notify()

    def release(self) -> None:
        """Free the memory of intermediate results, unless a call is running."""
        with self._change:
            if len(self._free) == self.concurrency:
                for lane in self._free:
                    lane.release()
                trim_memory()

    def _close(self) -> None:
        with self._change:
            self._free.clear()
            self._change.notify_all()


class _Lane:
    """A predictor, for one caller at a time. `starting` is held during its first run."""

    def __init__(
        self, predictor: Any, outputs: Sequence[TensorSpec], starting: threading.Lock
    ) -> None:
        self._starting = starting
        self._predictor = predictor
        self._outputs = [spec.name for spec in outputs]
        self._started = False

    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Raises whatever Paddle does."""
        with nullcontext() if self._started else self._starting:
            for name, tensor in feeds.items():
                handle = self._predictor.get_input_handle(name)
                handle.reshape(tensor.shape)
                handle.copy_from_cpu(tensor)
            self._predictor.run()
        self._started = True
        return {
            name: self._predictor.get_output_handle(name).copy_to_cpu() for name in self._outputs
        }

    def release(self) -> None:
        """Free the memory of intermediate results."""
        self._predictor.clear_intermediate_tensor()
        self._predictor.try_shrink_memory()
