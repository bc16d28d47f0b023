"""Counting NVIDIA's GPUs, by a double of the driver."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest

from ocrx_onnxruntime.devices import count_gpus


def driver(started: int, counted: int, count: int) -> Any:
    """A double of libcuda, whose functions return those two codes."""

    def tell(place: Any) -> int:
        ctypes.cast(place, ctypes.POINTER(ctypes.c_int))[0] = count
        return counted

    return SimpleNamespace(cuInit=lambda flags: started, cuDeviceGetCount=tell)


@pytest.mark.parametrize(
    ("started", "counted", "count", "found"),
    [(0, 0, 3, 3), (0, 0, 0, 0), (100, 0, 3, 0), (0, 3, 3, 0)],
)
def test_gpus_are_counted_by_the_driver(
    monkeypatch: pytest.MonkeyPatch, started: int, counted: int, count: int, found: int
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: driver(started, counted, count))
    assert count_gpus() == found


def test_without_a_driver_there_are_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert count_gpus() == 0
