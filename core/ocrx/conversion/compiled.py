"""What runtimes have compiled or measured, kept in the cache to make the next start faster.

Each runtime has a folder. A file that is lost costs time and nothing else.
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
    """Opens a temporary file to write, and renames it to `target` at the end of the context.

    So a reader sees the old file or the new one, never half of one. Raises OSError on entry if
    nothing can be written there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        # Opened by hand because files of `tempfile` can be read by their owner alone.
        with part.open("xb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def clean(store: Store) -> int:
    """Remove all of it from the cache. Returns the bytes freed.

    Raises WeightsError if something cannot be removed.
    """
    size = 0
    for file in files_of(store.cache_dir / FOLDER):
        if file.suffix == LOCK:  # another process may hold it
            continue
        try:
            size += file.stat().st_size
            file.unlink()
        except FileNotFoundError:  # another process has removed it, or renamed a part
            continue
        except OSError as error:
            raise undeletable(file, error.strerror or str(error)) from error
    return size
