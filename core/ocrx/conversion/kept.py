"""Converted models on disk. One is complete and sealed, or it does not exist.

Each conversion is a folder of the cache, named by the hash of everything it depends on. A manifest
in it lists the sha256 of its files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrx.errors import WeightsError
from ocrx.system.checksum import sha256_of
from ocrx.system.files import file_lock
from ocrx.weights.store import Store

FOLDER = "converted"
MANIFEST = "manifest.json"
PART = ".part-"
BESIDE = b"location"
"""An ONNX file contains this key if some of its weights are in files beside it."""


@dataclass(frozen=True)
class Cached:
    """One conversion in the cache.

    `identity` says what it was made from and with, `size` is in bytes, and `whole` says that all
    files are as they were sealed.
    """

    folder: Path
    identity: Mapping[str, str]
    size: int
    whole: bool


def cached(store: Store) -> list[Cached]:
    """Every conversion in the cache, sorted by model."""
    root = store.cache_dir / FOLDER
    folders = [path for path in root.glob("*") if path.is_dir() and PART not in path.name]
    entries = []
    for folder in folders:
        manifest = _manifest(folder)
        identity = manifest.get("identity", {})
        entries.append(
            Cached(folder, identity, _size(folder), intact_main_file(folder) is not None)
        )
    return sorted(entries, key=lambda e: (e.identity.get("model", ""), e.folder.name))


def clean(store: Store) -> int:
    """Remove every conversion, and the remains of interrupted ones. Returns the bytes freed.

    Raises WeightsError if something cannot be removed.
    """
    root, size = store.cache_dir / FOLDER, 0
    for name in sorted({p.name.partition(PART)[0] for p in root.glob("*") if p.is_dir()}):
        folder = root / name
        with file_lock(folder):  # wait for one that is being made
            size += sum(_size(path) for path in _traces(folder))
            try:
                remove(folder)
            except OSError as error:
                raise undeletable(folder, error.strerror or str(error)) from error
            for part in _traces(folder):
                raise undeletable(part, "something writes into it, or it is not yours")
    return size


def undeletable(path: Path, why: str) -> WeightsError:
    return WeightsError(
        f"{path} cannot be deleted: {why}", "Make it writable, or delete it by hand."
    )


def _traces(folder: Path) -> list[Path]:
    """The folder of a conversion and those of interrupted attempts at it, as far as they exist."""
    return [p for p in (folder, *folder.parent.glob(f"{folder.name}{PART}*")) if p.is_dir()]


def remove(folder: Path) -> None:
    """Delete a conversion, and as far as possible the remains of interrupted attempts at it.

    The caller holds its lock. Raises OSError if the conversion itself cannot be deleted.
    """
    for old in _traces(folder):
        # Without its manifest the conversion does not count, should the rest fail to go.
        (old / MANIFEST).unlink(missing_ok=True)
        # The subprocess of a killed conversion may still be writing into a part.
        shutil.rmtree(old, ignore_errors=old != folder)


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # a conversion in progress has scratch files that come and go
            size += path.stat().st_size if path.is_file() else 0
    return size


def hash_of(path: Path) -> str:
    """The sha256 of a file, or of the names and contents of all files in a folder.

    The files beside an ONNX file that hold its weights are part of it. Raises OSError.
    """
    if path.is_dir():
        return _hash_of_all(path, files_of(path))
    beside = _named_in(path) if path.suffix == ".onnx" else []
    return _hash_of_all(path.parent, [path, *beside]) if beside else sha256_of(path)


def _hash_of_all(root: Path, files: Sequence[Path]) -> str:
    parts = [f"{file.relative_to(root)}:{sha256_of(file)}" for file in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _named_in(path: Path) -> list[Path]:
    """The files beside an ONNX file whose names it contains, if it has weights outside.

    A file may be among them by chance. That only makes the hash depend on one file more.
    """
    content = path.read_bytes()
    if BESIDE not in content:
        return []
    others = [file for file in sorted(path.parent.iterdir()) if file != path and file.is_file()]
    return [file for file in others if os.fsencode(file.name) in content]


def seal(folder: Path, main: str, identity: Mapping[str, str]) -> None:
    """Write the manifest of the folder's files, and flush all of them to disk. Raises OSError."""
    files = files_of(folder)
    manifest = {
        "main": main,
        "identity": dict(identity),
        "files": {str(file.relative_to(folder)): sha256_of(file) for file in files},
    }
    target = folder / MANIFEST
    target.write_text(json.dumps(manifest, indent=1), "utf-8")
    for file in (*files, target):
        with file.open("r+b") as handle:  # Windows flushes only files that are open for writing
            os.fsync(handle.fileno())


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) and _is_sound(read) else {}


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    identity = manifest.get("identity")
    return (
        isinstance(manifest.get("main"), str)
        and isinstance(manifest.get("files"), dict)
        and isinstance(identity, dict)
        and all(isinstance(value, str) for value in identity.values())
    )


def intact_main_file(folder: Path) -> Path | None:
    """The main file in the folder if every file is as it was sealed, else None."""
    manifest = _manifest(folder)
    files = manifest.get("files", {})
    main = manifest.get("main")
    if main not in files:
        return None
    try:
        if any(sha256_of(folder / name) != digest for name, digest in files.items()):
            return None
    except (OSError, ValueError):  # a damaged manifest may hold a name with a NUL: ValueError
        return None
    return folder / str(main)


def files_of(path: Path) -> list[Path]:
    """The file itself, or all files below a folder, sorted."""
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
