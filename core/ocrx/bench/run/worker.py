"""The process of one cell: it opens a reader and reads on command.

    python -m ocrx.bench.run.worker

Commands come on stdin, answers go to the original stdout. Whatever a runtime prints goes to stderr.
The process ends as soon as stdin does, because the harness is gone then.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ocrx.bench.run.messages import Job
from ocrx.errors import OcrxError


def main() -> None:
    answers = _own_stdout()
    commands: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    worker = Worker()
    while True:
        _expendable(IDLE)
        command = json.loads(commands.get())
        _expendable(BUSY)
        answer = _obey(worker, command)
        answers.write(json.dumps(answer, ensure_ascii=True).encode() + b"\n")
        answers.flush()


IDLE, BUSY = 500, 1000


def _expendable(score: int) -> None:
    """Tell Linux which process to kill first if memory runs out: the one at work, then those that
    wait for their turn, and only then the harness and others."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(score), "ascii")


class Worker:
    """A method for each command. Their answers are the dataclasses of `messages`."""

    def __init__(self) -> None:
        self._measuring: Any = None

    def machine(self) -> object:
        from ocrx.bench.run.preparing import machine

        return machine()

    def engines(self, **command: Any) -> object:
        from ocrx.bench.run.preparing import engines

        return engines(**command)

    def prepare(self, job: Mapping[str, Any]) -> object:
        from ocrx.bench.run.preparing import prepare

        return prepare(Job(**job))

    def open(self, job: Mapping[str, Any]) -> object:
        from ocrx.bench.run.measuring import Measuring

        self._measuring = Measuring(Job(**job))
        return self._measuring.opened

    def round(self, answers: bool) -> object:
        return self._measuring.round(answers)

    def together(self) -> object:
        return self._measuring.together()


def _obey(worker: Worker, command: dict[str, Any]) -> dict[str, Any]:
    handler: Callable[..., Any] = getattr(worker, command.pop("do"))
    try:
        return asdict(handler(**command))
    except OcrxError as error:
        return _told(error, error.message, error.remedy)
    except MemoryError as error:
        return _told(error, "there was not enough memory", "")
    # This is code of plugins and runtimes. Whatever they raise ends this cell, and is reported.
    except Exception as error:
        return _told(error, f"{type(error).__name__}: {error}", "")


def _told(error: Exception, message: str, remedy: str) -> dict[str, Any]:
    return {"error": type(error).__name__, "message": message, "remedy": remedy}


def _own_stdout() -> IO[bytes]:
    """The original stdout, for answers. All else written to stdout, in C++ too, goes to stderr."""
    sys.stdout.flush()
    ours = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(ours, "wb")


def _listen(commands: queue.SimpleQueue[str]) -> None:
    """Pass commands on. At their end, kill this process and all that it started.

    The thread blocks while a cell is measured, and costs it nothing.
    """
    for line in sys.stdin:
        commands.put(line)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main()
