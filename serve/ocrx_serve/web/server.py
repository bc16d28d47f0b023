"""Runs the service on a socket, until it is told to stop."""

from __future__ import annotations

import socket
import time
from collections.abc import Collection
from typing import Any

import uvicorn

from ocrx.errors import UsageError

IDLE_SECONDS = 15
"""A connection is closed if its client sends no request for so long, or part of one."""
BACKLOG = 128


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises UsageError if it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.socket(family)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        opened.close()
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}", "Give another --host or --port."
        ) from error
    return opened


def serve(app: Any, listening: socket.socket, *, grace: int, log: bool) -> None:
    """Serve requests until SIGINT or SIGTERM. What is under way then has `grace` seconds."""
    server(app, grace=grace, log=log).run(sockets=[listening])


def server(app: Any, *, grace: int, log: bool = False, idle: float = IDLE_SECONDS) -> Any:
    """uvicorn's Server of the application. It closes connections on which no request has come for
    `idle` seconds."""
    config = uvicorn.Config(
        app,
        log_level="info" if log else "warning",
        access_log=log,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=grace,
        ws="none",
        timeout_notify=0,  # every second
    )
    made = uvicorn.Server(config)
    config.callback_notify = _Idleness(made.server_state.connections, idle).end
    return made


class _Idleness:
    """Of connections: uvicorn itself waits without end for a first request, and for the rest of a
    request's headers."""

    def __init__(self, connections: Collection[Any], most: float) -> None:
        self._connections = connections
        self._most = most
        self._last: dict[Any, tuple[Any, float]] = {}  # request of a connection, and when it was

    async def end(self) -> None:
        """Close connections that have been idle for too long."""
        now = time.monotonic()
        last = {}
        for connection in self._connections:
            request = connection.cycle
            before, since = self._last.get(connection, (None, now))
            if request is not before or not (request is None or request.response_complete):
                since = now
            if now - since > self._most:
                connection.transport.close()
            last[connection] = request, since
        self._last = last
