"""Caches of what TensorRT has measured or compiled, which make the next time quicker.

Losing a cache costs only time: a file that cannot be read counts as missing, and failing to write
one is no error.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ocrx.conversion.compiled import FOLDER, replacing
from ocrx.errors import OcrxError
from ocrx.system.files import file_lock


class BlobFile:
    """A file of bytes that several processes may read and replace."""

    def __init__(self, cache_dir: Path, name: str) -> None:
        self.path = cache_dir / FOLDER / "tensorrt" / name

    def read(self) -> bytes:
        """The content; b"" if there is none."""
        try:
            return self.path.read_bytes()
        except OSError:
            return b""

    def update(self, join: Callable[[bytes], bytes]) -> None:
        """Replace the content by what `join` makes of it, unless that is empty or the same."""
        with suppress(OSError, OcrxError), file_lock(self.path):
            held = self.read()
            blob = join(held)
            if blob and blob != held:
                with replacing(self.path) as file:
                    file.write(blob)
