"""Checksums of files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO, Literal

CHUNK = 1 << 18


def sha256_of(path: Path) -> str:
    """The sha256 of a file as lower-case hex. Raises OSError if it cannot be read.

    It takes about 1 ms per MB, little enough to check the default models at every use.
    """
    with path.open("rb") as file:
        return hex_digest(file, "sha256")


def hex_digest(file: IO[bytes], algorithm: Literal["sha256", "md5"]) -> str:
    """The checksum of the rest of an open file as lower-case hex. Raises OSError."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
