"""What the service does besides reading, and with requests that are not as they should be."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocrx_serve.web.service import Rules

from .conftest import Served, Start, form, pages, picture

pytestmark = pytest.mark.slow  # each starts a server, or waits for one


def test_state_and_choices(served: Served) -> None:
    assert served.ask("/healthz").json()["status"] == "ok"
    assert served.ask("/readyz").json() == {"ready": True}
    models = served.ask("/v1/models").json()
    assert [one["name"] for one in models["page_reader"]] == ["fake", "paid"]
    assert {"recognizer", "preprocessor", "format"} <= {one["name"] for one in models["options"]}
    described = served.ask("/openapi.json").json()
    assert "/v1/read/stream" in described["paths"]
    given = described["paths"]["/v1/read"]["post"]["parameters"]
    (layout,) = [one for one in given if one["name"] == "layout"]
    assert layout["schema"]["enum"] == ["auto", "page", "line"]
    assert served.ask("/nothing").error["type"] == "NotThere"
    assert served.ask("/v1/read").status == 405


def test_the_key_is_asked_for(serve: Start) -> None:
    served = serve(rules=Rules(key="sésame"))
    answer = served.ask("/v1/read", picture())
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    wrong = served.ask("/v1/read", picture(), authorization="Bearer sesame")
    assert wrong.status == 401
    right = served.ask("/v1/read", picture(), authorization="Bearer s\u00c3\u00a9same")
    assert right.status == 200
    assert served.ask("/healthz").status == 200


def test_other_sites_are_let_in_if_they_are_named(serve: Start) -> None:
    origin = "https://example.com"
    assert "access-control-allow-origin" not in serve().ask("/healthz", origin=origin).headers
    served = serve(rules=Rules(origins=(origin,)))
    assert served.ask("/healthz", origin=origin).headers["access-control-allow-origin"] == origin


def test_a_full_service_says_when_to_come_again(serve: Start) -> None:
    served = serve(queue=2)
    served.gate.open.clear()
    with ThreadPoolExecutor(2) as clients:
        inside = [clients.submit(served.ask, "/v1/read", picture()) for _ in range(2)]
        served.wait_for_inside(2)
        answer = served.ask("/v1/read", picture())
        assert answer.status == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert served.ask("/readyz").status == 503
        served.gate.open.set()
        assert [one.result().status for one in inside] == [200, 200]
    assert served.ask("/v1/read", picture()).status == 200


def test_a_deadline_ends_the_work(served: Served) -> None:
    served.gate.open.clear()
    answer = served.ask("/v1/read?timeout=0.2", picture())
    assert (answer.status, answer.error["type"]) == (504, "TooLate")
    served.wait_for_inside(0)
    for nonsense in ("soon", "nan", "0"):
        assert served.ask(f"/v1/read?timeout={nonsense}", picture()).status == 400


def test_a_writer_that_takes_its_time_holds_up_nobody(served: Served) -> None:
    answer = served.ask("/v1/read?timeout=0.3&format=gated", picture())
    assert (answer.status, answer.error["type"]) == (504, "TooLate")


@pytest.mark.parametrize("path", ["/v1/read", "/v1/read/stream"])
def test_a_client_that_leaves_ends_the_work(serve: Start, path: str) -> None:
    served = serve(ahead=1, batch=1)
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        body = pages(*range(30, 40))
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        served.gate.open_for(1)
        client.sendall(head.encode() + body)
        served.wait_for_inside(1)
        if path.endswith("stream"):
            assert client.recv(100).startswith(b"HTTP/1.1 200")
    served.wait_for_inside(0)
    served.gate.open.set()
    assert served.ask("/v1/read", picture()).status == 200
    assert sum(served.gate.batches) < 10


def test_limits_of_a_request(serve: Start) -> None:
    served = serve(upload=5000, pixels=10_000, upload_seconds=0.3, idle=0.3, memory=1)
    # With so little memory, a reader is opened anew for each.
    assert [served.ask("/v1/read", picture()).status for _ in range(2)] == [200, 200]
    large = served.ask("/v1/read", b"x" * 5001)
    assert (large.status, large.error["type"]) == (413, "TooMuch")
    large = served.ask("/v1/read", **form(("a.png", b"x" * 5000)))
    assert (large.status, large.error["type"]) == (413, "TooMuch")
    wide = served.ask("/v1/read", picture(200, 100))
    assert (wide.status, wide.error["type"]) == (413, "ImageTooLarge")
    assert served.ask("/v1/read", b"x", content_encoding="gzip").status == 415
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert client.recv(100).startswith(b"HTTP/1.1 408")
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
        assert client.recv(1) == b""  # instead of the rest


def test_requests_without_sense(served: Served) -> None:
    empty = served.ask("/v1/read", b"")
    assert (empty.status, empty.error["message"]) == (400, "the request has no picture")
    broken = {"content_type": "multipart/form-data; boundary=x"}
    assert served.ask("/v1/read", b"--y\r\nnonsense", **broken).status == 400
    assert served.ask("/v1/read", b"--y", content_type="multipart/form-data").status == 400
    zipped = served.ask("/v1/read", b"PK\x03\x04" + b"\0" * 100)
    assert (zipped.status, zipped.error["type"]) == (422, "InputError")


def test_a_stop_finishes_what_is_under_way(serve: Start) -> None:
    served = serve()
    served.gate.open.clear()
    with ThreadPoolExecutor(1) as clients:
        asked = clients.submit(served.ask, "/v1/read", picture())
        served.wait_for_inside(1)
        served.server.should_exit = True
        time.sleep(0.3)
        served.gate.open.set()
        assert asked.result().status == 200


def test_pages_are_shown(served: Served) -> None:
    shown = served.ask("/v1/preview?page=1", pages(30, 31))
    assert (shown.headers["content-type"], shown.headers["ocrx-pages"]) == ("image/jpeg", "2")
    assert shown.body.startswith(b"\xff\xd8")
    assert served.ask("/v1/preview?page=2", pages(30, 31)).status == 422
    assert served.ask("/v1/preview?page=x", pages(30, 31)).status == 400
