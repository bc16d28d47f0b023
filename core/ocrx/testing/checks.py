"""Checks that the suites have in common."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pytest

from ocrx.system.memory import resident_memory, trim_memory
from ocrx.types import Quad

T = TypeVar("T")
THREADS = 8
PATIENCE = 60.0
"""The time that calls in threads may take, in seconds."""


def check(condition: object, message: str) -> None:
    """Fail the test with `message` unless `condition` is true."""
    if not condition:
        pytest.fail(message)


def check_score(score: Any, owner: str) -> None:
    """Fail the test unless `score` is a float from 0 to 1. `owner` has it, in the message."""
    check(
        isinstance(score, float) and 0.0 <= score <= 1.0,
        f"{owner} has the score {score!r}, not a float between 0 and 1",
    )


def check_quad(quad: Quad, width: int, height: int, owner: str) -> None:
    """Fail the test unless `quad` is a read-only float32 array (4, 2), clockwise, and reaches
    beyond a picture of that size by no more than half the size."""
    check(
        isinstance(quad, np.ndarray) and quad.shape == (4, 2) and quad.dtype == np.float32,
        f"{owner}'s quad is not a float32 array of shape (4, 2): {quad!r}",
    )
    check(not quad.flags.writeable, f"{owner}'s quad can be written to; use frozen_quad")
    check(np.isfinite(quad).all(), f"{owner}'s quad is not finite: {quad.tolist()}")
    size = np.array([width, height], np.float32)
    check(
        (quad >= -0.5 * size - 1).all() and (quad <= 1.5 * size + 1).all(),
        f"{owner}'s quad {quad.tolist()} is far outside its picture of {width} x {height}",
    )
    x, y = quad.astype(np.float64).T
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    check(area >= 0, f"{owner}'s quad does not go clockwise: {quad.tolist()}")


def resident_bytes() -> int:
    """The resident memory of this process, in bytes; 0 on a system without /proc."""
    gc.collect()
    trim_memory()  # memory that was freed earlier would hide what is held now
    return resident_memory()


def in_threads(work: Callable[[T], Any], inputs: Sequence[T]) -> list[Any]:
    """The results of `work` for each input, in a thread for each, which all start at once.

    Raises the error of the first one that failed. Fails the test if a call has not returned after
    PATIENCE seconds.
    """
    gate = threading.Barrier(len(inputs))
    results: dict[int, Any] = {}
    errors: dict[int, BaseException] = {}

    def wait_and_work(index: int) -> None:
        gate.wait()
        try:
            results[index] = work(inputs[index])
        # The component may raise anything, and pytest's own Failed is not an Exception.
        except BaseException as error:
            errors[index] = error

    # Daemons do not keep the test run from ending if the component hangs.
    numbers = range(len(inputs))
    threads = [threading.Thread(target=wait_and_work, args=(n,), daemon=True) for n in numbers]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    for error in errors.values():
        raise error
    check(len(results) == len(inputs), f"a call has not returned after {PATIENCE} s")
    return [results[number] for number in numbers]
