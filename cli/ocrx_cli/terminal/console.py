"""What goes to the terminal: lines of result on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest

from ocrx.errors import OutputError
from ocrx.system.text import printable

INTERRUPTED = 130
CLOSED_PIPE = 141
"""What a shell reports for a program that ended because its pipe was closed, as by `| head`."""


def print_error(message: str, trace: BaseException | None = None) -> None:
    """One line `ocrx: error: ...` on stderr, below the traceback of `trace` if there is one."""
    if trace is not None and sys.stderr is not None:
        traceback.print_exception(trace)
    note(f"error: {message}")


def note(message: str) -> None:
    """One line `ocrx: ...` on stderr."""
    write_stderr(f"ocrx: {printable(message)}")


def confirm(question: str) -> bool | None:
    """The answer to a question on stderr; None if nobody can be asked, without a terminal."""
    if sys.stdin is None or sys.stderr is None:
        return None
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    write_stderr(f"ocrx: {printable(question)} [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def write_stderr(text: str) -> None:
    """A line on stderr, if there is a stderr."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:  # stderr cannot be written; the result on stdout still counts
        return


def print_line(text: str) -> None:
    """A line of result on stdout. Raises OutputError, or BrokenPipeError if nobody reads it."""
    if sys.stdout is None:
        return
    encoding = sys.stdout.encoding or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    with _writing_stdout():
        sys.stdout.write(f"{shown}\n")
        sys.stdout.flush()


def flush_stdout() -> None:
    """Write what a command has printed by its own means. Raises as `print_line` does."""
    if sys.stdout is not None:
        with _writing_stdout():
            sys.stdout.flush()


@contextmanager
def _writing_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise stdout_error(error) from error


def print_json(record: Mapping[str, object]) -> None:
    """A result on stdout as a line of JSON, with the version of its schema."""
    print_line(json.dumps({"schema": "ocrx/1", **record}))


def stdout_error(error: OSError) -> OutputError:
    """What to raise when stdout cannot be written. Nothing more is written to it."""
    discard_stdout()
    return OutputError(
        f"cannot write standard output: {error.strerror or error}",
        "Send it to a file that can be written, on a disk with room.",
    )


def print_table(rows: Iterable[Sequence[str]]) -> None:
    """Rows on stdout, with their columns aligned by spaces. Rows may be short."""
    table = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    for row in table:
        print_line("  ".join(map(str.ljust, row, widths)).rstrip())


def discard_stdout() -> None:
    """Discard what is still buffered for stdout.

    Its reader is gone, and the interpreter would complain when it flushes at exit.
    """
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, ValueError, OSError):  # no stdout, closed, or not a real file
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
