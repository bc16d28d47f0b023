"""Threads that belong to a session, so that torch computes with its number of threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import torch

_changing = threading.Lock()


def workers(count: int, threads: int | None) -> ThreadPoolExecutor:
    """A pool of `count` threads, on each of which torch computes with `threads` threads (None
    leaves their number to torch)."""
    if threads is None:
        return ThreadPoolExecutor(count, "ocrx-torch")
    return ThreadPoolExecutor(count, "ocrx-torch", initializer=_compute_with, initargs=(threads,))


def _compute_with(threads: int) -> None:
    """Set torch's number of threads for the current thread alone.

    torch.set_num_threads sets it for the calling thread and as the default of threads that have not
    computed yet. A short-lived thread restores the default.
    """
    with _changing:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        restorer = threading.Thread(target=torch.set_num_threads, args=(before,))
        restorer.start()
        restorer.join()
