"""A named pipe, or a device such as a serial port: a line for each message."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ocrx.system.text import printable
from ocrx_watch.messages import Message
from ocrx_watch.targets.target import Target, Unavailable


class Pipe(Target):
    """Writes lines to whoever reads. While nobody does, it takes none; whoever reads slowly is
    waited for. What a reader that ends has not read is lost with it."""

    def __init__(self, path: Path) -> None:
        self.name = printable(str(path))
        self._path = path
        self._descriptor: int | None = None

    def send(self, messages: Sequence[Message]) -> Iterator[None]:
        try:
            if self._descriptor is None:
                self._descriptor = _opened(self._path)
            for message in messages:
                line = message.body + b"\n"
                while line:
                    line = line[os.write(self._descriptor, line) :]
                yield
        except OSError as error:
            self.close()
            nobody = error.errno in (errno.ENXIO, errno.EPIPE)
            reason = "nobody reads it" if nobody else error.strerror or str(error)
            raise Unavailable(reason) from error

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _opened(path: Path) -> int:
    """A descriptor to write to. Opened so that it fails if nobody reads, and does not wait."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    os.set_blocking(descriptor, True)
    return descriptor
