"""Runs the service on a socket, until it is told to stop."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from ocrx.errors import UsageError

IDLE_SECONDS = 15
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
    config = uvicorn.Config(
        app,
        log_level="info" if log else "warning",
        access_log=log,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=grace,
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[listening])
