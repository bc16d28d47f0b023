"""A reader that reads for weeks, whatever its runtime loses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ocrx.errors import OcrxError
from ocrx.reading.pictures import Picture
from ocrx.reading.reader import Reader
from ocrx.system.memory import resident_memory, trim_memory
from ocrx.types import Page

GROWTH = 1.5
"""If a new reader does not help, the next one comes when the process holds so many times more."""


class LastingReader:
    """A reader, made by `opened`, in whose place another one is opened before pictures are read
    while this process holds more than `most` bytes. Some runtimes lose memory, and give it back
    when their models are closed. One thread uses it.

    Raises what `opened` raises. If that fails later, the next pictures have it try again.
    """

    def __init__(self, opened: Callable[[], Reader], most: int) -> None:
        self._opened = opened
        self._most = most
        self._reader: Reader | None = opened()

    def read_pictures(self, pictures: Sequence[Picture]) -> Iterator[Page | OcrxError]:
        """As that of Reader, and raises what `opened` raises."""
        if resident_memory() > self._most:
            self.close()
            trim_memory()
        if self._reader is None:
            self._reader = self._opened()
            self._most = max(self._most, int(GROWTH * resident_memory()))
        yield from self._reader.read_pictures(pictures)

    def close(self) -> None:
        """Close the reader."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
