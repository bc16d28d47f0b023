"""A service in this process, that reads with a fake."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from PIL import Image as Pillow

from ocrx.interfaces.writing import Writer
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import load_plugins
from ocrx.types import Image, Page
from ocrx_cli.asked import parsed
from ocrx_serve.limits import Limits
from ocrx_serve.web.app import make_app
from ocrx_serve.web.server import IDLE_SECONDS, bound, server
from ocrx_serve.web.service import Rules, Service
from support import fakereader
from support.onlyplugins import OWN, Point


class Gate:
    """Holds up readers while it is closed, and knows what they were given. A writer, "gated", waits
    for a gate of its own."""

    def __init__(self) -> None:
        self.open, self.writing = threading.Event(), threading.Event()
        self.open.set()
        self.batches: list[int] = []
        self._closes_after = 0

    def pass_through(self, pictures: int) -> None:
        self.open.wait(20)
        self.batches.append(pictures)
        if len(self.batches) == self._closes_after:
            self.open.clear()

    def open_for(self, batches: int) -> None:
        """Close after so many."""
        self._closes_after = len(self.batches) + batches


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json()["error"]


@dataclass
class Served:
    """A service that runs."""

    port: int
    gate: Gate
    service: Service
    server: Any

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        method: str | None = None,
        **headers: str,
    ) -> Answer:
        method = method or ("GET" if body is None else "POST")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def wait_for_inside(self, count: int) -> None:
        """Until so many requests are under way."""
        until = time.monotonic() + 10
        while self.service.admission.inside != count:
            assert time.monotonic() < until, self.service.admission.inside
            time.sleep(0.005)


Start = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Start]:
    """Starts a service with these arguments of Limits, `own` options, Rules, and an `idle` time."""
    with ExitStack() as stack:

        def start(own: Sequence[str] = (), rules: Rules | None = None, **limits: Any) -> Served:
            idle = limits.pop("idle", IDLE_SECONDS)
            return stack.enter_context(_running(own, rules or Rules(), Limits(**limits), idle))

        yield start


@pytest.fixture(scope="package")
def shared() -> Iterator[Served]:
    with _running((), Rules(), Limits(), IDLE_SECONDS) as served:
        yield served


@pytest.fixture
def served(shared: Served) -> Served:
    """A service that several tests use."""
    shared.gate.open.set()
    shared.gate.batches.clear()
    return shared


@contextmanager
def _running(own: Sequence[str], rules: Rules, limits: Limits, idle: float) -> Iterator[Served]:
    gate = Gate()
    points: list[Any] = [Point(_plugin(gate)), *(EntryPoint(one, one, "ocrx") for one in OWN)]
    given = parsed(["-r", "fake", *own, "-"])
    service = Service(given, load_plugins(points), limits, rules)
    listening = bound("127.0.0.1", 0)
    running = server(make_app(service), grace=5, idle=idle)
    thread = threading.Thread(target=running.run, args=([listening],))
    thread.start()
    try:
        yield Served(listening.getsockname()[1], gate, service, running)
    finally:
        gate.open.set()
        gate.writing.set()
        running.should_exit = True
        thread.join(15)
        listening.close()
        assert not thread.is_alive()


def _plugin(gate: Gate) -> Callable[[Registrar], None]:
    class Gated(fakereader.FakeReader):
        def read(self, pages: Sequence[Image]) -> list[Page]:
            gate.pass_through(len(pages))
            return super().read(pages)

    class Paid(Gated):
        def cost(self, pages: int) -> str:
            return f"${pages}"

    class Gatekeeper(Writer):
        def page(self, page: Page, image: Image | None) -> bytes:
            return b"page"

        def end(self) -> bytes:
            gate.writing.wait(20)
            return b""

    def register(registry: Registrar) -> None:
        def fake(request: Request) -> Gated:
            return Gated(request.options)

        def paid(request: Request) -> Paid:
            return Paid(request.options)

        options = fakereader.FakeOptions
        registry.add("page_reader", "fake", fake, options=options)
        registry.add("page_reader", "paid", paid, options=options)
        registry.add("writer", "gated", lambda request: Gatekeeper())

    return register


def picture(width: int = 40, height: int = 20) -> bytes:
    """A PNG of that size."""
    written = io.BytesIO()
    Pillow.new("RGB", (width, height), "white").save(written, "PNG")
    return written.getvalue()


def pages(*widths: int) -> bytes:
    """A TIFF with a page of each width."""
    written = io.BytesIO()
    first, *others = (Pillow.new("L", (width, 20), 255) for width in widths)
    first.save(written, "TIFF", save_all=True, append_images=others)
    return written.getvalue()


def form(*files: tuple[str, bytes], **fields: str) -> dict[str, Any]:
    """A form of files, with their names, and fields: arguments for `ask`."""
    boundary = b"--xxBOUNDARYxx"
    parts = [
        b'%b\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n%b\r\n'
        % (boundary, name.encode(), content)
        for name, content in files
    ]
    parts += [
        b'%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (boundary, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    return {
        "body": b"".join(parts) + boundary + b"--\r\n",
        "content_type": "multipart/form-data; boundary=xxBOUNDARYxx",
    }
