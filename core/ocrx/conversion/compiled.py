"""What runtimes have compiled or measured, kept in the cache to be quicker the next time.

A folder for each runtime. Losing a file costs time and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ocrx.conversion.kept import files_of, undeletable
from ocrx.weights.store import Store

FOLDER = "compiled"
LOCK = ".lock"


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes the target's name once it is whole: who reads meanwhile sees
    what was there before. Raises OSError at once where nothing can be written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        # As readable for others as whatever else the user makes, which a temporary file is not.
        with part.open("xb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def clean(store: Store) -> int:
    """Remove all of it from the cache; the bytes freed. Raises WeightsError if something cannot be
    removed."""
    size = 0
    for file in files_of(store.cache_dir / FOLDER):
        if file.suffix == LOCK:  # someone may hold it
            continue
        try:
            size += file.stat().st_size
            file.unlink()
        except FileNotFoundError:  # whose turn it was to go, or a part that has got its name
            continue
        except OSError as error:
            raise undeletable(file, error.strerror or str(error)) from error
    return size
