"""How much memory there is, and giving it back where the C library can."""

from __future__ import annotations

import os
import subprocess
import sys
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


LARGE_BLOCKS = """
import ctypes, sys
from ocrx.system.memory import resident_memory, share_memory, trim_memory
if sys.argv[1] == "shared":
    share_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
libc.free(libc.malloc(30_000_000))  # from now on, by default, such blocks come from the heap
before = resident_memory()
blocks = [libc.malloc(4_000_000) for _ in range(20)]
for block in blocks:
    libc.memset(block, 1, 4_000_000)
for block in blocks[:-1]:  # the last one keeps the heap from shrinking
    libc.free(block)
print(resident_memory() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of GNU's C library")
def test_a_program_gives_large_blocks_back_at_once() -> None:
    kept = {
        how: int(subprocess.check_output([sys.executable, "-c", LARGE_BLOCKS, how]))
        for how in ("shared", "usual")
    }
    assert kept["shared"] < 12_000_000 < kept["usual"]


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
