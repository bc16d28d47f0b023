"""Keeps TFLite's greeting off stderr.

The first interpreter of a process prints a line about XNNPACK, and TFLite has no setting against
it. So C's variable `stderr` points to memory while that interpreter is made. Whatever else C code
prints meanwhile, in any thread, is printed afterwards. Python's own output and child processes are
not affected, because they use the file descriptor, which stays as it is.
"""

from __future__ import annotations

import ctypes
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GREETING = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"

_greeted = threading.Event()
_redirecting = threading.Lock()


@contextmanager
def without_greeting() -> Iterator[None]:
    """Print everything but GREETING while the block runs. Does nothing once it was seen, nor where
    C's `stderr` cannot be set: only glibc is known to allow it."""
    if _greeted.is_set() or platform.libc_ver()[0] != "glibc":
        yield
        return
    libc = ctypes.CDLL(None)
    libc.open_memstream.restype = ctypes.c_void_p
    stderr = ctypes.c_void_p.in_dll(libc, "stderr")
    content, size = ctypes.c_void_p(), ctypes.c_size_t()
    # Never closed, because another thread may still be about to print to it.
    memory = libc.open_memstream(ctypes.byref(content), ctypes.byref(size))
    with _redirecting:
        usual, stderr.value = stderr.value, memory
        try:
            yield
        finally:
            stderr.value = usual
            libc.fflush(ctypes.c_void_p(memory))
            printed = ctypes.string_at(content, size.value) if content.value else b""
            if GREETING in printed:
                _greeted.set()
            os.write(2, printed.replace(GREETING, b""))
