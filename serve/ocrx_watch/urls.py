"""Addresses that may hold a password."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from ocrx.errors import UsageError
from ocrx.system.text import printable


def scheme_of(place: str) -> str:
    """The scheme of a URL, in lower case; "" for anything else."""
    scheme, separator, _ = place.partition("://")
    return scheme.lower() if separator else ""


def without_secrets(url: str) -> str:
    """The URL as it may be shown: without user, password and query. Raises UsageError for one that
    cannot be taken apart."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(
            f"an address that begins with {scheme_of(url)}:// is none: {error}", "Correct it."
        ) from error
    host = parts.netloc.rpartition("@")[2]
    return printable(urlunsplit((parts.scheme, host, parts.path, "", "")))
