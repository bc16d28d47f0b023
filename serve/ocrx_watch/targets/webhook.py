"""A webhook: each message is the body of a POST."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from ocrx.errors import UsageError
from ocrx.version import VERSION
from ocrx_watch.messages import Message
from ocrx_watch.targets.target import Refused, Target, Unavailable
from ocrx_watch.urls import without_secrets

TIMEOUT = 10.0
"""Seconds for an answer."""

AGAIN = (408, 425, 429)
"""Statuses below 500 that ask to try again."""


class Webhook(Target):
    """Posts to a URL, over one connection that is kept. User and password in it are for basic
    authentication. `headers` are sent along.

    Raises UsageError for a URL that names no host or a strange port.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.name = without_secrets(url)
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise UsageError(f"{self.name} has a strange port", "Give a number.") from error
        if not parts.hostname:
            raise UsageError(f"{self.name} names no host", "Give http://HOST/PATH.")
        kind = (
            http.client.HTTPSConnection
            if parts.scheme.lower() == "https"
            else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, port, timeout=TIMEOUT)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {
            "Content-Type": "application/json",
            "User-Agent": f"ocrx/{VERSION}",
            **_authorization(parts.username, parts.password),
            **headers,
        }

    def send(self, messages: Sequence[Message]) -> Iterator[None]:
        for message in messages:
            self._post(message)
            yield

    def close(self) -> None:
        self._connection.close()

    def _post(self, message: Message) -> None:
        fresh = self._connection.sock is None
        try:
            status, retry_after = self._answer(message)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            if not fresh:  # a server closes connections that are idle for long
                self._post(message)
                return
            raise Unavailable(_reason(error)) from error
        if status in AGAIN or status >= 500:
            raise Unavailable(f"it answers {status}", retry_after)
        if status >= 300:
            raise Refused(f"it answers {status}")

    def _answer(self, message: Message) -> tuple[int, float]:
        """The status, and the seconds after which to try again."""
        headers = {**self._headers, "Idempotency-Key": message.id}
        self._connection.request("POST", self._path, message.body, headers)
        answer = self._connection.getresponse()
        answer.read()
        after = answer.getheader("Retry-After") or ""
        return answer.status, float(after) if after.isdecimal() else 0.0


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
