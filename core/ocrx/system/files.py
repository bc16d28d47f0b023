"""Errors of the file system turned into those of ocrx, and a lock between processes."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocrx.errors import InputError, UsageError, WeightsError

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Error numbers of a full disk or an exhausted quota."""


@contextmanager
def reading(name: str) -> Iterator[None]:
    """A context in which an error of the file system is raised as an InputError about `name`."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist", "Check the name.") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read", "Ask for the right to read it.") from error
    # A name with a NUL in it raises ValueError.
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name} cannot be read: {reason}", "Check the name and the disk.") from (
            error
        )


@contextmanager
def file_lock(target: Path) -> Iterator[None]:
    """Make the folder of `target`, and keep other threads and processes from writing it inside.

    Waits for whoever holds the lock. Raises WeightsError if the folder cannot be written, or its
    file system has no locks.
    """
    from filelock import FileLock

    lock = FileLock(target.with_name(target.name + ".lock"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise disk_error(error, target) from error
    except NotImplementedError as error:
        raise WeightsError(
            f"{target.parent} is on a file system without locks",
            "Set OCRX_CACHE_DIR to a folder on a local disk.",
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def only_one(lock: Path, taken: UsageError) -> Iterator[None]:
    """Hold a lock file, which remains afterwards. Raises `taken` if another process holds it, and
    OSError if it cannot be made, or its file system has no locks."""
    from filelock import FileLock, Timeout

    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout as error:
        raise taken from error
    except NotImplementedError as error:
        raise OSError(errno.ENOLCK, "its file system has no locks") from error
    try:
        yield
    finally:
        held.release()


def disk_error(error: OSError, target: Path) -> WeightsError:
    """The error to raise when `target` could not be written."""
    if error.errno in FULL:
        return WeightsError(
            f"the disk is full: {target} cannot be written",
            "Free some space there, or set OCRX_CACHE_DIR to a folder on another disk.",
        )
    return WeightsError(
        f"{target} cannot be written ({error.strerror or error})",
        "Make that folder writable, or set OCRX_CACHE_DIR to one that is.",
    )
