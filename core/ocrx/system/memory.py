"""Memory that was freed, back to the system."""

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
    """Hand what was freed back to the system: GNU's C library keeps most of it for itself."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)
