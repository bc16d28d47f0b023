"""A file, a line for each message."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ocrx.errors import OutputError
from ocrx.system.text import printable
from ocrx_watch.messages import Message
from ocrx_watch.targets.target import Target, Unavailable


class File(Target):
    """Adds lines to a file. It is opened anew each time, so it may be moved away meanwhile, as
    logrotate does. On a full disk, what was written of a line is taken back.

    Raises OutputError if it cannot be written at the start.
    """

    def __init__(self, path: Path) -> None:
        self.name = printable(str(path))
        self._path = path
        try:
            with path.open("ab"):
                pass
        except OSError as error:
            raise OutputError(
                f"cannot write {self.name}: {error.strerror or error}",
                "Give --to a file that can be written.",
            ) from error

    def send(self, messages: Sequence[Message]) -> Iterator[None]:
        try:
            with self._path.open("a+b", buffering=0) as stream:
                end = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, end - 1))
                broken = stream.read(1) not in (b"", b"\n")  # by a process that was killed
                for message in messages:
                    _write(stream.fileno(), b"\n" * broken + message.body + b"\n")
                    broken = False
                    yield
        except OSError as error:
            raise Unavailable(error.strerror or str(error)) from error


def _write(descriptor: int, line: bytes) -> None:
    """All of the line, or nothing."""
    start = os.fstat(descriptor).st_size
    try:
        while line:
            line = line[os.write(descriptor, line) :]
    except OSError:
        os.ftruncate(descriptor, start)
        raise
