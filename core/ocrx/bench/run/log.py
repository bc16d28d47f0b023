"""The record of each cell, and the journal that keeps it on disk.

The journal is a file of JSON lines: a header that says what is measured, then an entry
[key, what, answer] for each answer of a cell. An incomplete last line is ignored.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from ocrx.bench.figures.result import Component, State
from ocrx.bench.run.messages import Opened, Point, Prepared, Round, Together
from ocrx.errors import InputError, OutputError, UsageError
from ocrx.system.files import only_one, reading
from ocrx.system.text import printable
from ocrx.weights.store import default_cache_dir

SCHEMA = "ocrx-bench-journal/2"
OLD = ".old"
FOLDER = "bench"
"""The folder of the cache for the locks of journals, and for journals without another place."""
MEASURED = "measured"

Header: TypeAlias = dict[str, Any]
"""What must be the same for a run to be continued. Its values are JSON."""


@dataclass(frozen=True)
class End:
    """How a cell ended: `state` is "measured", or says why there are no figures.

    `limit` is the time limit in seconds if that ended it, else None.
    """

    state: str
    reason: str = ""
    remedy: str = ""
    limit: float | None = None


@dataclass
class Log:
    """The record of one cell. `memory` has a list for each process that measured it."""

    prepared: Prepared | None = None
    opened: list[Opened] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    together: list[Together] = field(default_factory=list)
    memory: list[list[Point]] = field(default_factory=list)
    end: End | None = None

    def add(self, what: str, entry: Mapping[str, Any]) -> None:
        if what == "prepare":
            if self.prepared is None:  # later ones have nothing left to build
                self.prepared = Prepared(**entry)
        elif what == "open":
            used = [Component(**one) for one in entry["used"]]
            self.opened.append(Opened(**{**entry, "used": used}))
            self.memory.append([])
        elif what == "round":
            self.rounds.append(Round(**entry))
            self.memory[-1].extend((int(x), float(y)) for x, y in entry["memory"])
        elif what == "together":
            self.together.append(Together(**entry))
        else:
            self.end = End(**entry)

    def reopen(self, limit: float) -> None:
        """Remove an end that was due to a shorter time limit than this one, in seconds."""
        if self.end is not None and self.end.limit is not None and self.end.limit < limit:
            self.end = None

    @property
    def measured(self) -> bool:
        return self.end is not None and self.end.state == MEASURED

    @property
    def network(self) -> bool:
        """Whether it was measured, and the recogniser ran on a backend, not on its own runtime."""
        return self.measured and self.prepared is not None and not self.prepared.engine

    @property
    def failed(self) -> tuple[State, str, str] | None:
        """State, reason and remedy of a cell without figures."""
        if self.end is None or self.measured:
            return None
        return cast("State", self.end.state), self.end.reason, self.end.remedy


class Journal:
    """The logs of all cells by key, kept in a file if `path` names one.

    Each entry is flushed to disk before the next measurement begins. Writing raises OutputError.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._handle: int | None = None
        self.logs: dict[str, Log] = {}

    def log(self, key: str) -> Log:
        return self.logs.setdefault(key, Log())

    def add(self, key: str, what: str, entry: Mapping[str, Any]) -> None:
        self.log(key).add(what, entry)
        self.write([key, what, entry])

    def write(self, line: object) -> None:
        if self._handle is None:
            return
        data = (json.dumps(line, ensure_ascii=True) + "\n").encode()
        with _writing(self._path):
            while data:
                data = data[os.write(self._handle, data) :]
            os.fsync(self._handle)

    def open(self, flags: int) -> None:
        if self._path is not None:
            with _writing(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | flags, 0o666)

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@contextmanager
def open_journal(path: Path | None, header: Header, resume: bool) -> Iterator[Journal]:
    """The journal at `path`: a new one, or with `resume` the existing one if there is one.

    An existing journal that is not continued is renamed with ".old" after its name. Raises
    UsageError if the journal to continue is of another run, or if another process uses it;
    InputError if it cannot be read, or is damaged before its last line; OutputError if it cannot
    be written.
    """
    journal = Journal(path)
    with _alone(path):
        if path is not None and resume and _begun(path):
            _restore(journal, path, header)
            journal.open(os.O_APPEND)
        else:
            if path is not None and path.is_file():
                with _writing(path):
                    path.replace(path.with_name(path.name + OLD))
            journal.open(os.O_TRUNC)
            journal.write({"schema": SCHEMA, **header})
        try:
            yield journal
        finally:
            journal.close()


def _begun(path: Path) -> bool:
    """Whether there is a journal, with at least its header."""
    with reading(printable(str(path))):
        return path.is_file() and b"\n" in path.read_bytes()


def _restore(journal: Journal, path: Path, header: Header) -> None:
    name = printable(str(path))
    with reading(name):
        data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    lines = [_parsed(line, number, name) for number, line in enumerate(whole.splitlines(), 1)]
    _check_header(lines[0], {"schema": SCHEMA, **header}, name)
    for number, line in enumerate(lines[1:], 2):
        try:
            key, what, entry = line
            journal.log(key).add(what, entry)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            raise _damaged(name, number) from error
    if len(whole) < len(data):
        with _writing(path):
            os.truncate(path, len(whole))


def _parsed(line: bytes, number: int, name: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise _damaged(name, number) from error


def _damaged(name: str, number: int) -> InputError:
    return InputError(
        f"line {number} of the journal {name} is damaged",
        "Leave out --resume to start from nothing.",
    )


def _check_header(found: Any, wanted: Header, name: str) -> None:
    """Raises UsageError, which names the first difference, if the headers differ."""
    held = json.loads(json.dumps(wanted))
    difference = _difference(found, held, "")
    if difference:
        raise UsageError(
            f"{name} is the journal of another run: {difference}",
            "Run it as it was begun, or leave out --resume to start from nothing.",
        )


def _difference(found: Any, wanted: Any, place: str) -> str:
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in dict.fromkeys((*found, *wanted)):
            told = _difference(found.get(key), wanted.get(key), f"{place} {key}".strip())
            if told:
                return told
        return ""
    return "" if found == wanted else f"{place} was {_short(found)} and is {_short(wanted)} now"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False).strip('"')
    return printable(text if len(text) <= 200 else f"{text[:200]}...")


@contextmanager
def _alone(path: Path | None) -> Iterator[None]:
    """Lock the journal against other processes. Raises UsageError if one uses it."""
    if path is None:
        yield
        return
    # A lock file remains afterwards, so it goes to the cache, not beside the user's files.
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]
    folder = default_cache_dir() / FOLDER
    taken = UsageError(
        f"another process is measuring into {printable(str(path))}",
        "Wait for it, or give another --journal.",
    )
    with ExitStack() as stack:
        with _writing(path):
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(only_one(folder / f"{name}.lock", taken))
        yield


@contextmanager
def _writing(path: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write the journal {printable(str(path))}: {error.strerror or error}",
            "Give --journal a file that can be written, on a disk with room.",
        ) from error
