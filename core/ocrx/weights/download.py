"""Fetch one file over HTTP. A download can be resumed, and is in place only once verified."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Literal, Protocol, TypeAlias
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from ocrx.artifacts import Checksum
from ocrx.errors import ChecksumMismatch, WeightsError
from ocrx.system.checksum import CHUNK, hex_digest
from ocrx.system.files import FULL, disk_error
from ocrx.version import VERSION

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as lost."""

PART = ".part"
ZIPPED = ".zip"


class DownloadProgress(Protocol):
    """Receives the progress of one download. `total` is None if the size is unknown."""

    def update(self, done: int, total: int | None) -> None:
        """So many bytes are here, of so many."""

    def close(self) -> None:
        """The download has ended, whole or not."""


ProgressFactory: TypeAlias = Callable[[str], DownloadProgress]
"""Called with the file's name when a download begins."""


class Silent:
    """A DownloadProgress that shows nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def update(self, done: int, total: int | None) -> None:
        return

    def close(self) -> None:
        return


class _Lost(Exception):
    """The connection was lost while the body was received."""


class _Stale(Exception):
    """The server cannot continue the part that is here, so the download must start over."""


def fetch(
    url: str,
    target: Path,
    checksum: Checksum,
    size: int | None = None,
    progress: ProgressFactory = Silent,
    *,
    member: str | None = None,
) -> None:
    """Download `url` to `target`. The caller has made its folder and holds its lock.

    The bytes are collected in `target` + ".part", which is renamed once its checksum is verified.
    An interrupted download leaves this file behind, and the next one continues it. With a `member`
    they are a zip archive, and what is verified and kept is that file in it. `size`, in bytes, is a
    hint that only `progress` uses.

    Raises ChecksumMismatch for another file than expected, and WeightsError if it cannot be
    downloaded or written.
    """
    part = target.with_name(target.name + PART)
    received = part if member is None else target.with_name(target.name + ZIPPED + PART)
    bar = progress(target.name)
    try:
        download = _Download(url, received, target, size, bar)
        download.complete(checksum, member)
        if member is not None:
            with _opened(received, member) as packed, part.open("wb") as file:
                shutil.copyfileobj(packed, file)
                file.flush()
                os.fsync(file.fileno())
            received.unlink()
        part.replace(target)
    except OSError as error:
        if error.errno in FULL:
            part.unlink(missing_ok=True)
        raise disk_error(error, target) from error
    finally:
        bar.close()


class _Download:
    """One download, which may take several requests. It raises OSError only for the disk."""

    def __init__(
        self, url: str, part: Path, target: Path, size: int | None, progress: DownloadProgress
    ) -> None:
        self._url = url
        self._part = part
        self._target = target
        self._size = size
        self._progress = progress

    def complete(self, checksum: Checksum, member: str | None) -> None:
        """Fill the part file and check it, or the member of the archive that it is."""

        def found() -> str:
            return _digest(self._part, checksum.algorithm, member)

        if self._offset():
            # The part may be the whole file already, the start of it, or of another file.
            if found() == checksum.value:
                return
            self._collect()
            if found() == checksum.value:
                return
            self._part.unlink()
        self._collect()
        digest = found()
        if digest != checksum.value:
            self._part.unlink()
            raise ChecksumMismatch(
                f"{self._url} gave a file for {self._target} with the {checksum.algorithm} "
                f"{digest}, expected {checksum.value}; nothing of it was kept",
                "Try another network (a proxy or login page may have answered instead), or "
                "download the file by hand and save it there.",
            )

    def _offset(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _collect(self) -> None:
        """Send requests until the file is complete. Give up when a request brings nothing new."""
        while True:
            before = self._offset()
            try:
                if self._request(before):
                    return
                reason = "the connection was cut"
            except _Stale:
                self._part.unlink()
                continue
            except _Lost as error:
                reason = f"the connection was lost: {error}"
            if self._offset() <= before:
                raise self._failed(f"{reason} after {self._offset()} bytes, which are kept")

    def _request(self, offset: int) -> bool:
        """Request what is missing after `offset`. Returns whether the file is complete then."""
        with self._open(offset) as response:
            start = _start(response)
            if start not in (0, offset):
                raise _Stale
            total = self._size if response.length is None else start + response.length
            with self._part.open("r+b" if start else "wb") as file:
                file.seek(start)
                done = self._copy(response, file, start, total)
                file.flush()
                os.fsync(file.fileno())
        return total is None or done >= total

    def _copy(self, response: HTTPResponse, file: IO[bytes], done: int, total: int | None) -> int:
        self._progress.update(done, total)
        while chunk := _read(response):
            file.write(chunk)
            done += len(chunk)
            self._progress.update(done, total)
        return done

    def _open(self, offset: int) -> HTTPResponse:
        try:
            response: HTTPResponse = _opener(offset).open(self._url, timeout=TIMEOUT)
        except HTTPError as error:
            error.close()
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
                raise _Stale from error
            raise self._failed(f"HTTP {error.code} {error.reason}") from error
        except URLError as error:
            raise self._failed(str(error.reason)) from error
        except (OSError, HTTPException, ValueError) as error:
            raise self._failed(str(error) or type(error).__name__) from error
        return response

    def _failed(self, reason: str) -> WeightsError:
        return WeightsError(
            f"{self._url} could not be downloaded: {reason}",
            "Check the connection (and HTTPS_PROXY, if you need a proxy) and run the command "
            f"again, or download the file by hand and save it as {self._target}.",
        )


def _opened(path: Path, member: str | None) -> IO[bytes]:
    """The file, or a member of the zip archive that it is. Raises KeyError or BadZipFile."""
    if member is None:
        return path.open("rb")
    with zipfile.ZipFile(path) as archive:
        return archive.open(member)


def _digest(path: Path, algorithm: Literal["sha256", "md5"], member: str | None) -> str:
    """The checksum of the file, or of a member of the zip archive that it is; "none" if there is no
    such archive or member."""
    try:
        with _opened(path, member) as file:
            return hex_digest(file, algorithm)
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return "none"


def _read(response: HTTPResponse) -> bytes:
    try:
        # read1 returns what has arrived. read would wait for more, and lose it if killed then.
        return response.read1(CHUNK)
    except (OSError, HTTPException) as error:
        raise _Lost(str(error) or type(error).__name__) from error


def _start(response: HTTPResponse) -> int:
    """The offset in the file at which the body of the response begins."""
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else 0


def _opener(offset: int) -> OpenerDirector:
    """An opener that follows redirects to HTTP and HTTPS alone, and heeds the proxy variables."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPRedirectHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", f"ocrx/{VERSION}")]
    if offset:
        opener.addheaders.append(("Range", f"bytes={offset}-"))
    return opener
