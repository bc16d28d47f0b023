"""What Paddle may be asked to do by several threads at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ocrx.types import TensorSpec
from ocrx_paddle.program import Program
from ocrx_paddle.session import PaddleSession

PROGRAM = Program((TensorSpec("x", (2,), "float32"),), (TensorSpec("y", (2,), "float32"),), 0)
COUNT = 4


class Gate:
    """Holds each that passes until as many are in it as there can be, or for a moment."""

    def __init__(self) -> None:
        self.most = self._inside = 0
        self._full = threading.Event()
        self._lock = threading.Lock()

    def pass_through(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
            if self._inside == COUNT:
                self._full.set()
        self._full.wait(0.2)
        with self._lock:
            self._inside -= 1


class Echo:
    """A predictor that gives what it was fed."""

    def __init__(self, gate: Gate) -> None:
        self._fed: Any = None
        self.run = gate.pass_through

    def get_input_handle(self, name: str) -> Echo:
        return self

    def get_output_handle(self, name: str) -> Echo:
        return self

    def reshape(self, shape: Any) -> None:
        pass

    def copy_from_cpu(self, fed: Any) -> None:
        self._fed = fed

    def copy_to_cpu(self) -> Any:
        return self._fed


def test_only_first_runs_exclude_each_other() -> None:
    gate = Gate()
    session = PaddleSession("echo", PROGRAM, [Echo(gate) for _ in range(COUNT)], "cpu")
    together = threading.Barrier(COUNT)

    def call(value: int) -> float:
        together.wait()
        return float(session.run({"x": np.full(2, value, np.float32)})["y"][0])

    with ThreadPoolExecutor(COUNT) as threads:
        assert list(threads.map(call, range(COUNT))) == [0, 1, 2, 3]
        assert gate.most == 1
        assert list(threads.map(call, range(COUNT))) == [0, 1, 2, 3]
    assert gate.most == COUNT
