"""Many pictures, drawn by several processes, in the order of their numbers."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count as counting
from typing import TypeVar

from ocrx.errors import OcrxError
from ocrx.types import Image
from ocrx_training.synth.drawing import Draughtsman, Drawn
from ocrx_training.synth.options import SynthOptions

T = TypeVar("T")

CHUNK = 32
"""Pictures that a process draws at a time."""


def stream(
    options: SynthOptions, *, start: int = 0, count: int | None = None, processes: int = 1
) -> Iterator[tuple[Image, str]]:
    """Pictures to train with: (RGB uint8 (H, W, 3), text), without end if `count` is None.

    They are the same for any number of processes. With more than one, a script that calls this
    must be guarded by `if __name__ == "__main__"`, since the others import it. Raises what
    `Draughtsman` raises, and OcrxError if a process is killed.
    """
    for drawn in pictures(options, start=start, count=count, processes=processes):
        yield drawn.picture, drawn.text


def pictures(
    options: SynthOptions, *, start: int = 0, count: int | None = None, processes: int = 1
) -> Iterator[Drawn]:
    """The same with everything that is known of each picture."""
    return each(options, _itself, start=start, count=count, processes=processes)


def each(
    options: SynthOptions,
    work: Callable[[Drawn], T],
    *,
    start: int = 0,
    count: int | None = None,
    processes: int = 1,
) -> Iterator[T]:
    """What `work`, a function of a module, makes of each picture in the process that draws it."""
    draughtsman = Draughtsman(options)  # at once, so that wrong options are an error here
    end = None if count is None else start + count
    firsts = counting(start, CHUNK) if end is None else range(start, end, CHUNK)
    chunks = (
        range(first, first + CHUNK if end is None else min(first + CHUNK, end)) for first in firsts
    )
    if processes == 1:
        return (work(draughtsman.draw(number)) for chunk in chunks for number in chunk)
    return _in_parallel(options, work, chunks, processes)


def usable_processors() -> int:
    """The number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _in_parallel(
    options: SynthOptions, work: Callable[[Drawn], T], chunks: Iterator[range], processes: int
) -> Iterator[T]:
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, spawn, _begin, (options,))
    waiting: deque[Future[list[T]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(_chunk, work, chunk))
            if len(waiting) > 2 * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise OcrxError(
            "a process that draws pictures was killed", "Give fewer --processes, or more memory."
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _itself(drawn: Drawn) -> Drawn:
    return drawn


_drawing: list[Draughtsman] = []
"""The draughtsman of a process of the pool; empty in any other."""


def _begin(options: SynthOptions) -> None:
    import cv2

    cv2.setNumThreads(1)  # the processes share the processors already
    _drawing.append(Draughtsman(options))


def _chunk(work: Callable[[Drawn], T], numbers: range) -> list[T]:
    return [work(_drawing[0].draw(number)) for number in numbers]
