"""Workers that are processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from ocrx.system.memory import share_memory
from ocrx_batch.engine import Answer, Died, Engine, Job, Ready, Shard
from ocrx_batch.reading import ShardReader
from ocrx_batch.watch import HUNG

PATIENCE = 5.0
"""Seconds without an answer after which there is none."""


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection


class LocalEngine(Engine):
    """Starts `workers` processes, which end with this one."""

    def __init__(self, job: Job, workers: int) -> None:
        self.workers = workers
        self._job = job
        self._context = multiprocessing.get_context("spawn")
        self._numbers = count()
        self._all: dict[int, _Worker] = {}

    def start(self) -> int:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._job), daemon=True)
        process.start()
        theirs.close()
        number = next(self._numbers)
        self._all[number] = _Worker(process, ours)
        return number

    def give(self, worker: int, shard: Shard) -> None:
        try:
            self._all[worker].pipe.send(shard)
        except OSError:  # it is dead, which its end of the pipe will tell
            return

    def answers(self) -> Sequence[tuple[int, Answer]]:
        by_pipe = {one.pipe: number for number, one in self._all.items()}
        told = wait(list(by_pipe), PATIENCE)
        return [(by_pipe[pipe], self._heard(by_pipe[pipe])) for pipe in by_pipe if pipe in told]

    def stop(self, worker: int) -> None:
        one = self._all.pop(worker)
        one.process.kill()
        one.process.join()
        one.pipe.close()

    def close(self) -> None:
        for worker in [*self._all]:
            self.stop(worker)

    def _heard(self, worker: int) -> Answer:
        one = self._all[worker]
        try:
            answer: Answer = one.pipe.recv()
        except (EOFError, OSError):
            one.process.join(PATIENCE)
            answer = Died(_cause(one.process.exitcode))
        if isinstance(answer, Died):
            self.stop(worker)
        return answer


def _cause(code: int | None) -> str:
    """Why a process ended, by its exit code."""
    if code == HUNG:
        return "it finished no page in time"
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in [*signal.Signals] else str(-code)
        hint = ", as the system does when memory runs out" if code == -9 else ""
        return f"it was killed by {name}{hint}"
    return f"it ended with the exit code {code}"


def _work(pipe: Connection, job: Job) -> None:
    """What the process does."""
    share_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command stops it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(job.cpus)
    answer: Answer
    try:
        reading = ShardReader(job)
        pipe.send(Ready())
        while True:
            pipe.send(reading.read(pipe.recv()))
    except EOFError:
        return
    # A bug in whatever reads. It may be the picture that brings it to light.
    except Exception as error:
        answer = Died(f"it met {type(error).__name__}: {error}")
        pipe.send(answer)


def _end_with_parent() -> None:
    """A worker whose command is dead must not write any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
