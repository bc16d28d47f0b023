"""What TensorRT has measured or compiled, kept in the user's cache to be quicker the next time.

Losing it costs time and nothing else: what cannot be read is as good as not there, and what cannot
be written is not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ocrx.conversion.compiled import FOLDER, replacing
from ocrx.errors import OcrxError
from ocrx.system.files import file_lock


class BlobFile:
    """Bytes in a file that several processes may read and replace."""

    def __init__(self, cache_dir: Path, name: str) -> None:
        self.path = cache_dir / FOLDER / "tensorrt" / name

    def read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError:
            return b""

    def update(self, join: Callable[[bytes], bytes]) -> None:
        """Write what `join` makes of what is there now, if that is anything else."""
        with suppress(OSError, OcrxError), file_lock(self.path):
            held = self.read()
            blob = join(held)
            if blob and blob != held:
                with replacing(self.path) as file:
                    file.write(blob)
