"""Where results go: a folder, here or behind a URL, in which files appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from ocrx.errors import OutputError, UsageError
from ocrx.system.files import FULL, reading
from ocrx.system.text import printable
from ocrx_batch.urls import file_system, is_url

UNFINISHED = ".ocrx-unfinished-"
"""How names of files begin that are not whole yet."""


class CannotWrite(OutputError):
    """The folder of results cannot be written."""


class Sink:
    """What a file that is not whole yet is written with."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, piece: bytes) -> None:
        """Raises CannotWrite."""
        with _writing(self._name):
            self._stream.write(piece)


class Folder(ABC):
    """A folder of results. Names in it are relative, with "/". Raises CannotWrite, and InputError
    for what may not be read."""

    @abstractmethod
    def whole(self, name: str) -> Any:
        """A context with a Sink. The file appears at its end, on the disk, and not if it is left by
        an error. One of that name is replaced."""

    @abstractmethod
    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    @abstractmethod
    def names(self, below: str) -> list[str]:
        """The names of all files below one of its folders, in order."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file."""

    @abstractmethod
    def alone(self) -> Any:
        """A context in which no other run writes into it, as far as that can be known. What such a
        run has left unfinished is removed. Raises UsageError if there is another."""

    def put(self, name: str, content: bytes) -> None:
        """Write a file."""
        with self.whole(name) as sink:
            sink.write(content)


def open_folder(name: str) -> Folder:
    """The folder of that path or URL."""
    return RemoteFolder(name) if is_url(name) else LocalFolder(Path(name))


class LocalFolder(Folder):
    """A folder of a file system."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def whole(self, name: str) -> Iterator[Sink]:
        path = self._path / name
        told = printable(str(path))
        unfinished = path.with_name(f"{UNFINISHED}{uuid.uuid4().hex}")
        with ExitStack() as stack:
            with _writing(told):
                path.parent.mkdir(parents=True, exist_ok=True)
                stream = stack.enter_context(_ended(unfinished.open("xb")))
            stack.callback(unfinished.unlink, missing_ok=True)
            yield Sink(stream, told)
            with _writing(told):
                stream.flush()
                os.fsync(stream.fileno())
                stream.close()
                unfinished.replace(path)
                _sync_folder(path.parent)

    def read(self, name: str) -> bytes | None:
        path = self._path / name
        if not path.exists():
            return None
        with reading(printable(str(path))):
            return path.read_bytes()

    def has(self, name: str) -> bool:
        return (self._path / name).is_file()

    def names(self, below: str) -> list[str]:
        found = (path.relative_to(self._path) for path in (self._path / below).rglob("*"))
        return sorted(path.as_posix() for path in found if not path.name.startswith(UNFINISHED))

    def remove(self, name: str) -> None:
        path = self._path / name
        with _writing(printable(str(path))):
            path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        told = printable(str(self._path))
        with _writing(told):
            self._path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path / ".ocrx-batch.lock")
            try:
                lock.acquire(blocking=False)
            except Timeout:
                raise UsageError(
                    f"another run is writing into {told}",
                    "Wait until it is done, or give another --output.",
                ) from None
        try:
            self._clean()
            yield
        finally:
            self._clean()
            lock.release()

    def _clean(self) -> None:
        for path in self._path.rglob(f"{UNFINISHED}*"):
            path.unlink(missing_ok=True)


class RemoteFolder(Folder):
    """A folder behind a URL. Object stores show a file when all of it is there."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._files, self._path = file_system(self._url)

    @contextmanager
    def whole(self, name: str) -> Iterator[Sink]:
        told = f"{self._url}/{name}"
        with tempfile.TemporaryDirectory(prefix="ocrx-batch-") as folder:
            here = Path(folder) / "file"
            with here.open("wb") as stream:
                yield Sink(stream, told)
            with _served(f"{told} cannot be written"):
                target = f"{self._path}/{name}"
                self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
                self._files.put_file(str(here), target)

    def read(self, name: str) -> bytes | None:
        with _served(f"{self._url}/{name} cannot be read"):
            try:
                return bytes(self._files.cat_file(f"{self._path}/{name}"))
            except FileNotFoundError:
                return None

    def has(self, name: str) -> bool:
        with _served(f"{self._url}/{name} cannot be looked for"):
            self._files.invalidate_cache()
            return bool(self._files.exists(f"{self._path}/{name}"))

    def names(self, below: str) -> list[str]:
        with _served(f"{self._url}/{below} cannot be listed"):
            self._files.invalidate_cache()
            found = self._files.find(f"{self._path}/{below}")
        start = len(self._path.rstrip("/")) + 1
        return sorted(str(one)[start:] for one in found)

    def remove(self, name: str) -> None:
        with _served(f"{self._url}/{name} cannot be removed"), suppress(FileNotFoundError):
            self._files.rm_file(f"{self._path}/{name}")

    @contextmanager
    def alone(self) -> Iterator[None]:
        bucket = self._path.partition("/")[0]
        with _served(f"{self._url} cannot be looked for"):
            there = not bucket or self._files.exists(bucket)
        if not there:  # fsspec would make one, wherever a wrong name leads
            raise UsageError(f"there is no bucket {bucket!r}", "Make it, or correct --output.")
        yield  # object stores have no locks


@contextmanager
def _ended(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Closes it. What it could not write was told by `flush`."""
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


@contextmanager
def _writing(name: str) -> Iterator[None]:
    """A context that raises errors of a file system as CannotWrite."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise CannotWrite(
                f"the disk is full: {name} cannot be written",
                "Make room, and run the same command again: it goes on where this one stopped.",
            ) from error
        raise CannotWrite(
            f"{name} cannot be written: {error.strerror or error}",
            "Give --output a folder that can be written.",
        ) from error


@contextmanager
def _served(fault: str) -> Iterator[None]:
    """A context that raises errors of an object store as CannotWrite. Each kind of store has errors
    of its own, which are not all OSErrors."""
    try:
        yield
    except Exception as error:
        raise CannotWrite(
            f"{fault}: {printable(str(error)) or type(error).__name__}",
            "Check --output and the right to write there, and run the same command again.",
        ) from error


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where a system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
