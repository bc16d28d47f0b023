"""Standard output."""

from __future__ import annotations

from ocrx_cli.terminal.output import Output
from ocrx_watch.messages import Message


class Stdout:
    """Writes lines as they come. Whoever reads too slowly slows down what writes."""

    def __init__(self) -> None:
        self._output = Output(None)

    def put(self, message: Message) -> None:
        """Write it. Raises OutputError, or BrokenPipeError if nobody reads."""
        self._output.write(message.body + b"\n")
