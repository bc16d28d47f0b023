"""sha256 of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

CHUNK = 1 << 18


def sha256_of(path: Path) -> str:
    """The sha256 of a file as lower-case hex. Raises OSError if it cannot be read.

    It takes about 1 ms per MB, little enough to check the default models at every use.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
