"""What the suites have in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import pytest

from ocrx.types import Quad

T = TypeVar("T")
THREADS = 8


def check(condition: object, message: str) -> None:
    """Fail the test with `message` unless `condition` is true."""
    if not condition:
        pytest.fail(message)


def check_score(score: Any, owner: str) -> None:
    check(
        isinstance(score, float) and 0.0 <= score <= 1.0,
        f"{owner} has the score {score!r}, not a float between 0 and 1",
    )


def check_quad(quad: Quad, width: int, height: int, owner: str) -> None:
    """A read-only (4, 2) float32 array, clockwise, no further outside the picture than half its
    size."""
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


def in_threads(work: Callable[[T], Any], inputs: Sequence[T]) -> list[Any]:
    """`work` of each input, from as many threads as there are inputs, all let go at once."""
    gate = threading.Barrier(len(inputs))

    def wait_and_work(item: T) -> Any:
        gate.wait()
        return work(item)

    with ThreadPoolExecutor(len(inputs)) as pool:
        return list(pool.map(wait_and_work, inputs))
