"""A web server on this machine that serves one file, as well or as badly as a test wants."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ocrx.artifacts import Source
from support.serving import serving

BLOCK = 1 << 14

CONTENT = b"weights" * 10_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class FileServer(ThreadingHTTPServer):
    """Serves `content` at every path. Set the other attributes to make it misbehave.

    `ranges`: heed Range headers. `cut`: close the connection after so many bytes of a body, and do
    so in each of the next `cuts` answers. `status`: answer with this instead. `redirect`: send
    everyone to this URL. `shift`: begin so many bytes after those asked for. `pause`: seconds
    before each block of 16 KiB. `length`: tell Content-Length.
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.ranges = True
        self.cut: int | None = None
        self.cuts = 0
        self.status = 0
        self.redirect = ""
        self.shift = 0
        self.pause = 0.0
        self.length = True
        self.asked: list[str] = []
        """The Range header of each request, "" if it had none."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.onnx"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is not worth a traceback."""

    def source(self, filename: str = "weights.onnx") -> Source:
        """The file as a model would name it."""
        sha256 = hashlib.sha256(self.content).hexdigest()
        return Source(filename, url=self.url, sha256=sha256, size=len(self.content))


class Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:  # the name http.server wants
        server = self.server
        asked = self.headers.get("Range", "")
        server.asked.append(asked)
        if server.redirect:
            self.send_response(302)
            self.send_header("Location", server.redirect)
            self.end_headers()
            return
        if server.status:
            self.send_error(server.status)
            return
        start = int(re.sub(r"\D", "", asked)) + server.shift if asked and server.ranges else 0
        if start and start >= len(server.content):
            self.send_error(416)
            return
        self._send(server.content[start:], start)

    def _send(self, body: bytes, start: int) -> None:
        server = self.server
        self.send_response(206 if start else 200)
        if start:
            end = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        if server.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.cuts and server.cut is not None:
            server.cuts -= 1
            body = body[: server.cut]
        for at in range(0, len(body), BLOCK):
            time.sleep(server.pause)
            self.wfile.write(body[at : at + BLOCK])

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def serve(content: bytes) -> Iterator[FileServer]:
    """A server for `content` while the block runs."""
    with pytest.MonkeyPatch.context() as patch, serving(FileServer(content)) as server:
        patch.setenv("no_proxy", "127.0.0.1")
        yield server
