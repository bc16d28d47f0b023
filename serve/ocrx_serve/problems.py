"""Errors as a client sees them: a status, and the message and remedy of the command line."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ocrx.errors import (
    BackendMissing,
    ConversionFailed,
    DeviceMissing,
    ImageTooLarge,
    InputError,
    NoRoute,
    OcrxError,
    PrecisionUnavailable,
    TransientError,
    UsageError,
    WeightsError,
)
from ocrx.weights.store import default_cache_dir

STATUSES: Mapping[type[OcrxError], int] = {
    ImageTooLarge: 413,
    TransientError: 503,
    InputError: 422,
    UsageError: 400,
    # What was asked for is not on this machine, or does not run on it.
    WeightsError: 400,
    BackendMissing: 400,
    ConversionFailed: 400,
    DeviceMissing: 400,
    NoRoute: 400,
    PrecisionUnavailable: 400,
}
"""The status of an error is that of the first class that it is of, or 500."""


class Refusal(OcrxError):
    """A request that the service does not serve."""

    status: ClassVar[int] = 400
    """Of the answer."""


class Busy(Refusal):
    """As many requests are read and wait as may. `retry_after` is in seconds."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("the service is busy", f"Try again in {retry_after} s.")
        self.retry_after = retry_after


class TooMuch(Refusal):
    """More bytes or pages than a request may have."""

    status = 413


class SlowUpload(Refusal):
    """A request that did not arrive in time."""

    status = 408


class TooLate(Refusal):
    """A request that was not read in time."""

    status = 504


class WrongKey(Refusal):
    """A request without the service's key."""

    status = 401


class NotThere(Refusal):
    """A request for what does not exist."""

    status = 404


class Encoded(Refusal):
    """A compressed request. Only the client knows how large it becomes."""

    status = 415


def status_of(error: OcrxError) -> int:
    """The status of the answer."""
    if isinstance(error, Refusal):
        return error.status
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)


def headers_of(error: OcrxError) -> dict[str, str]:
    """Those that belong to the error's status."""
    if isinstance(error, WrongKey):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, Busy | TransientError) and error.retry_after:
        return {"Retry-After": str(max(1, round(error.retry_after)))}
    return {}


def problem(error: OcrxError, source: str = "", page: int | None = None) -> dict[str, Any]:
    """The error as JSON; of a page of a document with its place."""
    own = isinstance(error, Refusal)  # names paths of the service's address alone
    return {
        "type": type(error).__name__,
        "message": error.message if own else without_paths(error.message),
        "remedy": error.remedy if own else without_paths(error.remedy),
        **({"source": source} if source else {}),
        **({} if page is None else {"page": page}),
    }


_ROOT = r"(?:/|[A-Za-z]:[/\\]|\\\\)"
_PATH = re.compile(
    rf"""(?<=['"]){_ROOT}[^'"]+(?=['"])"""  # in quotes, with blanks
    rf"""|(?<![\w.:/\\]){_ROOT}[^\s'"(),;]+"""
)


def without_paths(text: str) -> str:
    """The text with the last part alone of each absolute path. How a server's disk is laid out is
    nobody's business."""
    for folder in _folders():
        text = text.replace(folder + os.sep, "").replace(folder, "a folder of the service")
    return _PATH.sub(lambda found: re.split(r"[/\\]", found[0])[-1], text)


def _folders() -> list[str]:
    """Folders that messages may name. They are replaced first, since they may have blanks."""
    found = [default_cache_dir(), Path.home(), Path.cwd(), Path(sys.prefix)]
    found.append(Path(tempfile.gettempdir()))
    return sorted((str(one) for one in found if len(one.parts) > 1), key=len, reverse=True)
