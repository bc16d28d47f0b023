"""How much memory there is and this process holds, and returning what it freed."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

MOST = 4_000_000_000
TRIM_SECONDS = 1.0
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where Linux tells what a container may hold."""


ARENA_MAX, MMAP_THRESHOLD = -8, -3
"""Parameters of mallopt, in malloc.h of GNU's C library."""

LARGE_BLOCK = 2**20
"""So many bytes are taken from the system by themselves, and given back when they are freed."""


@cache
def _function(name: str) -> Callable[..., int] | None:
    """A function of the C library; None if it is another one than GNU's."""
    try:
        found: Callable[..., int] = ctypes.CDLL(None)[name]
    except (AttributeError, OSError, TypeError):
        return None
    return found


def trim_memory() -> None:
    """Return freed memory to the system, which GNU's C library would keep for later use.

    Does nothing with other C libraries.
    """
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


class Trimmer:
    """Returns freed memory to the system no more than once a second, because that takes
    milliseconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def trim(self) -> None:
        """Return it, if it is time."""
        now = time.monotonic()
        if now > self._last + TRIM_SECONDS:
            self._last = now
            trim_memory()


def share_memory() -> None:
    """Keep this process small. For a program, not for a library, before it starts threads.

    All threads take memory from two heaps, where GNU's C library would have up to eight for each
    processor: what one thread frees another one can use. Large blocks are not taken from the heaps,
    which would come to hold holes of all sizes: 40 to 70 MB where OpenVINO reads pages of ever new
    sizes. Does nothing with other C libraries.
    """
    tune = _function("mallopt")
    if tune is not None:
        tune(ARENA_MAX, 2)
        tune(MMAP_THRESHOLD, LARGE_BLOCK)


def resident_memory() -> int:
    """What this process holds in memory, in bytes; 0 on a system without /proc."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def most_memory(processes: int = 1) -> int:
    """The bytes that each of so many processes may hold on this machine before something must be
    wrong with it: MOST, or less on a small machine."""
    return int(min(MOST, 0.8 * total_memory() / processes or MOST))


def total_memory() -> int:
    """The memory of this machine, or of its container if that has less, in bytes; 0 if neither
    says."""
    found = []
    with suppress(AttributeError, ValueError, OSError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for limit in LIMITS:
        with suppress(ValueError, OSError):  # "max" is no number
            found.append(int(limit.read_text("ascii")))
    return min(found, default=0)
