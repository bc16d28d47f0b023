"""Giving memory back, where the C library can."""

from __future__ import annotations

import pytest

from ocrx.system import memory as heap


def test_a_c_library_that_cannot_trim_its_heap_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    heap._malloc_trim.cache_clear()
    heap.trim_memory()
    assert heap._malloc_trim() is None
    heap._malloc_trim.cache_clear()
