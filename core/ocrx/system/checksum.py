"""sha256 of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

CHUNK = 1 << 18


def sha256_of(path: Path) -> str:
    """Lower-case hex. About 1 ms per MB, so the default models are checked at every use."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
