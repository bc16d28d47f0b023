"""The harness's side of a cell's process: starting it, asking it, and ending it in any case."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import IO, Any

from ocrx import errors
from ocrx.bench.figures.result import State
from ocrx.bench.run.messages import Job
from ocrx.errors import PluginError
from ocrx.system.text import printable

MODULE = "ocrx.bench.run.worker"
TAIL = 4000
"""Bytes at the end of stderr that are searched for the reason of a crash."""

LOOKING = 300.0
"""Seconds for examining the machine: some runtimes take long to import."""

PATIENCE = 10.0
"""Seconds for a process to end by itself once it has nothing more to do."""

_NO_ROUTE = ("NoRoute", "PrecisionUnavailable")
_MISSING = ("BackendMissing", "DeviceMissing", "OfflineError", "WeightsError")


class CellFailed(Exception):
    """An error that ends one cell. The run goes on."""

    def __init__(self, state: State, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.state: State = state
        self.reason = reason
        self.remedy = remedy


class OutOfTime(CellFailed):
    """The cell's time was over before its process had answered."""


@contextmanager
def cell_process() -> Iterator[CellProcess]:
    """A context with a process for one cell. At its end the process and its children are gone."""
    with tempfile.TemporaryFile() as log:
        process = CellProcess(log)
        try:
            yield process
        finally:
            process.close()


class CellProcess:
    """A process that runs the commands of one cell. `log` receives its stderr.

    It leads a process group of its own. So Ctrl-C in the terminal reaches the harness alone, and
    the children of the process end with it.
    """

    def __init__(self, log: IO[bytes]) -> None:
        self.seconds = 0.0
        self._log = log
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, do: str, limit: float, **command: Any) -> dict[str, Any]:
        """The answer to a command. The time that it took is added to `seconds`.

        Raises CellFailed if the process answers with an error or crashes, and OutOfTime if it has
        not answered within `limit` seconds. It is killed then.
        """
        started = time.monotonic()
        told = {k: asdict(v) if isinstance(v, Job) else v for k, v in command.items()}
        try:
            line = json.dumps({"do": do, **told}).encode() + b"\n"
            with suppress(BrokenPipeError):  # it has crashed, which its answers show below
                self._write(line)
            answer = self._answers.get(timeout=max(limit, 0.0))
        except queue.Empty:
            self.kill()
            raise OutOfTime(
                "failed",
                f"it had not finished {_DOING[do]} when its time was over",
                "Give it more with --time-limit, or less to do with --limit.",
            ) from None
        finally:
            self.seconds += time.monotonic() - started
        if not answer:
            raise self._crashed(_DOING[do])
        return _checked(json.loads(answer))

    def close(self) -> None:
        """Close its input and kill it, and all that it started."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self.kill()
        self._listener.join(PATIENCE)

    def kill(self) -> None:
        """Kill it and all that it started."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait(PATIENCE)

    def _write(self, line: bytes) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _listen(self) -> None:
        """Pass answers on, and an empty one at their end. It blocks in between, at no cost."""
        stream = self._process.stdout
        if stream is not None:
            with stream:
                for line in stream:
                    self._answers.put(line)
        self._answers.put(b"")

    def _crashed(self, doing: str) -> CellFailed:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        code = self._process.returncode
        said = self._last_words()
        self.kill()
        about = f", saying: {said}" if said else ""
        if code == -getattr(signal, "SIGKILL", 9):
            return CellFailed(
                "failed",
                f"its process was killed during {doing}: memory ran out, or somebody did it",
                "See that more memory is free, and run it again.",
            )
        if code is not None and code < 0:
            return CellFailed(
                "failed", f"its process crashed during {doing} ({_signal(-code)}){about}"
            )
        return CellFailed("failed", f"its process ended during {doing} (exit code {code}){about}")

    def _last_words(self) -> str:
        """The last line that it wrote to stderr."""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - TAIL))
        lines = self._log.read().decode("utf-8", "replace").split("\n")
        return next((printable(x.strip()) for x in reversed(lines) if x.strip()), "")


_DOING = {
    "machine": "looking at the machine",
    "engines": "looking at the components",
    "prepare": "preparing its models",
    "open": "opening and warming up",
    "round": "a round",
    "together": "a round of all pictures together",
}


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" not in answer:
        return answer
    raise CellFailed(_state(answer["error"]), answer["message"], answer["remedy"])


def _state(error: str) -> State:
    """The state of a cell that ends with an error of that class."""
    kind = getattr(errors, error, None)
    names = [one.__name__ for one in kind.__mro__] if isinstance(kind, type) else []
    if any(name in names for name in _NO_ROUTE):
        return "no route"
    # A damaged file is not missing, and needs another remedy.
    if any(name in names for name in _MISSING) and "ChecksumMismatch" not in names:
        return "missing"
    return "failed"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def ask_once(do: str, **command: Any) -> dict[str, Any]:
    """The answer of a new process to one command. Raises PluginError if the process fails."""
    with cell_process() as process:
        try:
            return process.ask(do, LOOKING, **command)
        except CellFailed as failed:
            raise PluginError(
                f"{_DOING[do]} failed: {failed.reason}",
                failed.remedy or "`ocrx doctor` may tell which plugin or runtime it is.",
            ) from failed
