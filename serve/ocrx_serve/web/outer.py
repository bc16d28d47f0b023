"""What surrounds every request: its figures, headers for browsers, and errors of the service."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.responses import JSONResponse

from ocrx.errors import OcrxError
from ocrx_serve.problems import problem
from ocrx_serve.web.metrics import Metrics

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

log = logging.getLogger("ocrx_serve")

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; "
        b"base-uri 'none'; form-action 'none'",
    ),
)
CLIENT_LEFT = 499
"""The status of a request whose client left, as nginx has it. The figures alone show it."""
TAKING_SECONDS = 60.0
"""A client that takes nothing of its answer for so long is given up."""
UNKNOWN = "other"
"""The path of requests for what is not there, in the figures."""


class Outer:
    """An ASGI application around another one."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await asyncio.wait_for(send(message), TAKING_SECONDS)

        try:
            await self._app(scope, receive, sending)
        except (asyncio.TimeoutError, OSError):
            status = CLIENT_LEFT
        # What went wrong is for the operator's eyes.
        except Exception:
            log.exception("%s failed", scope["path"])
            if not status:
                await JSONResponse({"error": problem(BUG)}, 500)(scope, receive, sending)
        finally:
            path = getattr(scope.get("route"), "path", UNKNOWN)
            self._metrics.requests.labels(path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(time.monotonic() - started)


BUG = OcrxError("the service failed", "Its log says why: show it to whoever runs it.")
