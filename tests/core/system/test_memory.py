"""How much memory there is, and giving it back where the C library can."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocrx.system import memory as heap


def test_a_c_library_that_cannot_trim_its_heap_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    heap._function.cache_clear()
    heap.trim_memory()
    heap.share_memory()
    assert heap._function("malloc_trim") is None
    heap._function.cache_clear()


@pytest.mark.parametrize(("limit", "total"), [("4096", 4096), ("max", 80_000), ("999999", 80_000)])
def test_memory_is_that_of_the_container_or_of_the_machine(
    limit: str, total: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"SC_PHYS_PAGES": 20, "SC_PAGE_SIZE": 4000}
    monkeypatch.setattr(os, "sysconf", held.__getitem__)
    path = tmp_path / "memory.max"
    path.write_text(f"{limit}\n")
    monkeypatch.setattr(heap, "LIMITS", (tmp_path / "missing", path))
    assert heap.total_memory() == total


def test_freed_memory_is_returned_no_more_than_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, returned = [0.0], list[float]()
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(heap, "trim_memory", lambda: returned.append(now[0]))
    trimmer = heap.Trimmer()
    for now[0] in (0.5, 1.5, 2.0, 2.75):
        trimmer.trim()
    assert returned == [1.5, 2.75]
