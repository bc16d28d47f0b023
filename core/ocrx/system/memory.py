"""Returning freed memory to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # the C library is another than GNU's
        return None
    return found


def trim_memory() -> None:
    """Return freed memory to the system, which GNU's C library would keep for later use.

    Does nothing with other C libraries.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)
