"""Threads of a session's own to run it on, so that torch computes with a number of its own too."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import torch

_changing = threading.Lock()


def workers(count: int, threads: int | None) -> ThreadPoolExecutor:
    """`count` threads, on each of which torch computes with `threads` of its own (None: as many as
    it likes)."""
    if threads is None:
        return ThreadPoolExecutor(count, "ocrx-torch")
    return ThreadPoolExecutor(count, "ocrx-torch", initializer=_compute_with, initargs=(threads,))


def _compute_with(threads: int) -> None:
    """Set the number for this thread alone.

    torch.set_num_threads sets it for the thread that calls it, at once, and for all that have not
    computed yet, as the number they start from. The latter is put back from a thread that ends.
    """
    with _changing:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        restorer = threading.Thread(target=torch.set_num_threads, args=(before,))
        restorer.start()
        restorer.join()
