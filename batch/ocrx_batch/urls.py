"""Files behind URLs, such as s3://bucket/scans/1.png, through fsspec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from ocrx.errors import BackendMissing, InputError, OcrxError, TransientError, UsageError
from ocrx.images.document import Blob
from ocrx.images.sources import SUFFIXES
from ocrx.system.text import printable

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MAGIC = re.compile(r"[*?[]")


def is_url(name: str) -> bool:
    """Whether a name is a URL, and not a path."""
    return _URL.match(name) is not None


def file_system(url: str) -> tuple[Any, str]:
    """fsspec's file system of a URL, and the path in it. Raises BackendMissing if what knows that
    kind of URL is not installed, UsageError if nothing does."""
    try:
        import fsspec.core
    except ImportError as error:
        raise BackendMissing(
            f"{printable(url)} is read through fsspec, which is not installed",
            "pip install 'ocrx[batch]'",
        ) from error
    kind = url.partition("://")[0]
    try:
        files, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs"}.get(kind)
        raise BackendMissing(
            f"{printable(url)} cannot be read: {error}",
            f"pip install {package}" if package else "Install what that message names.",
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{printable(url)} is no URL that fsspec knows: {error}",
            "Give a path, or a URL such as s3://bucket/folder.",
        ) from error
    return files, path


def expand_url(url: str) -> Iterator[str]:
    """The URLs of what one names: a file whatever its suffix, pictures and PDFs in a folder and
    below, or files that match a pattern. Raises InputError if there is none."""
    files, path = file_system(url)
    told = printable(url)
    try:
        if _MAGIC.search(path):
            found = files.glob(path, detail=True)
            paths = [one for one, about in found.items() if about["type"] == "file"]
        elif files.isdir(path):
            paths = [one for one in files.find(path) if _wanted(one, path)]
        else:
            paths = [path]
    # Each kind of file system raises errors of its own.
    except Exception as error:
        raise _unreadable(told, error) from error
    if not paths:
        raise InputError(f"no picture is at {told}", "Check the name.")
    yield from (files.unstrip_protocol(one) for one in sorted(paths))


def fetch(url: str) -> Blob:
    """The file behind a URL. Raises InputError, and TransientError for what may pass."""
    files, path = file_system(url)
    try:
        return Blob(bytes(files.cat_file(path)), url)
    except Exception as error:
        raise _unreadable(printable(url), error) from error


def _wanted(path: str, below: str) -> bool:
    """Whether it is a picture by its suffix, and not hidden."""
    inner = PurePosixPath(path[len(below) :])
    return inner.suffix.lower() in SUFFIXES and not any(p.startswith(".") for p in inner.parts)


def _unreadable(told: str, error: Exception) -> OcrxError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"{told} does not exist", "Check the name.")
    if isinstance(error, PermissionError):
        return InputError(f"{told} may not be read", "Ask for the right to read it.")
    reason = printable(str(error)).rstrip(". ") or type(error).__name__
    return TransientError(f"{told} cannot be read: {reason}", "Run the same command again.")
