"""Where results go: standard output or a file. Each piece is flushed as it comes."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from ocrx.errors import OutputError
from ocrx.system.text import printable
from ocrx_cli.terminal.console import stdout_error


class Output:
    """Writes bytes to the file `path`, or to standard output for None. Use it in a `with`.

    Raises OutputError if it cannot be written, BrokenPipeError if nobody reads standard output.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        try:
            self._stream: BinaryIO = _stdout() if path is None else path.open("wb")
        except OSError as error:
            raise self._error(error) from error

    def write(self, piece: bytes) -> None:
        """Write all of it, or raise. A Ctrl-C in between takes effect after that."""
        with uninterrupted():
            try:
                self._stream.write(piece)
                self._stream.flush()
            except OSError as error:
                if self._path is None and isinstance(error, BrokenPipeError):
                    raise
                raise self._error(error) from error

    def __enter__(self) -> Output:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._path is not None:
            # Every piece was flushed by `write`, which raised if that failed.
            with contextlib.suppress(OSError):
                self._stream.close()

    def _error(self, error: OSError) -> OutputError:
        if self._path is None:
            return stdout_error(error)
        return OutputError(
            f"cannot write {printable(str(self._path))}: {error.strerror or error}",
            "Give --output a file that can be written, on a disk with room.",
        )


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay a Ctrl-C until the block ends. A second one interrupts at once.

    Python delivers Ctrl-C to the main thread only, so in others there is nothing to delay.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if held:
            raise KeyboardInterrupt
        held.append(number)

    before = signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def _stdout() -> BinaryIO:
    if sys.stdout is None:
        raise OSError("it is closed")
    sys.stdout.flush()
    return sys.stdout.buffer
