"""Reading over HTTP, with a fake reader."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocrx.output.json import SCHEMA
from ocrx_serve.web.service import Rules

from .conftest import Served, Start, form, pages, picture

pytestmark = pytest.mark.slow  # each starts a server, or waits for one


def test_a_picture_as_the_body_is_read(served: Served) -> None:
    answer = served.ask("/v1/read", picture())
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["schema"] == SCHEMA
    (page,) = document["pages"]
    assert (page["source"], page["text"]) == ("-", "40x20")


def test_pictures_of_a_form_are_read_in_their_order(served: Served) -> None:
    sent = form(("b.png", picture(50)), ("../a.tif", pages(30, 31)), format="text")
    answer = served.ask("/v1/read", **sent)
    assert answer.status == 200, answer.body
    texts = [line for line in answer.body.decode().splitlines() if "x" in line]
    assert [text for text in texts if text[0].isdigit()] == ["50x20", "30x20", "31x20"]


def test_options_are_those_of_the_command_line(serve: Start) -> None:
    served = serve(["--set", "page_reader.suffix=!"])
    assert served.ask("/v1/read?format=text", picture()).body == b"40x20!\n"
    answer = served.ask("/v1/read?min-score=0.95&format=text", picture())
    assert answer.body == b""
    answer = served.ask("/v1/read?recogniser=fake", picture())
    assert (answer.status, answer.error["type"]) == (400, "UnknownOption")
    assert "Did you mean 'recognizer'?" in answer.error["remedy"]
    answer = served.ask("/v1/read?min_score=7", picture())
    assert (answer.status, answer.error["type"]) == (400, "UsageError")
    assert served.ask("/v1/read?layout=nonsense", picture()).status == 400
    assert served.ask("/v1/read?threads=9", picture()).status == 400
    assert served.ask("/v1/read?format=nonsense", picture()).error["type"] == "UnknownName"


def test_pages_are_streamed_with_errors_in_their_place(served: Served) -> None:
    sent = form(("a.tif", pages(30, 13, 31)), ("b", b"nonsense"))
    answer = served.ask("/v1/read/stream", **sent)
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, second, third, last = map(json.loads, answer.body.splitlines())
    assert (first["text"], first["index"], first["pages"]) == ("30x20", 0, 3)
    assert second["error"]["page"] == 1
    assert third["text"] == "31x20"
    assert last["error"]["message"] == "b is text, not a picture"
    answer = served.ask("/v1/read/stream", b"nonsense")
    assert (answer.status, answer.error["type"]) == (422, "InputError")


def test_what_could_not_be_read_is_told_beside_the_rest(served: Served) -> None:
    answer = served.ask("/v1/read?format=text", **form(("a.png", picture()), ("b.png", b"junk")))
    assert answer.status == 207
    assert answer.headers["ocrx-failed"] == "1"
    (told,) = json.loads(answer.headers["ocrx-errors"])
    assert told["source"] == "b.png"


def test_requests_share_batches(served: Served) -> None:
    served.gate.open.clear()
    with ThreadPoolExecutor(5) as clients:
        first = clients.submit(served.ask, "/v1/read", picture())
        served.wait_for_inside(1)
        others = [clients.submit(served.ask, "/v1/read", picture(50 + n)) for n in range(4)]
        served.wait_for_inside(5)
        served.gate.open.set()
        texts = [one.result().json()["pages"][0]["text"] for one in [first, *others]]
    assert texts == ["40x20", "50x20", "51x20", "52x20", "53x20"]
    assert sum(served.gate.batches) == 5
    assert max(served.gate.batches) > 1


def test_a_bad_picture_costs_others_in_its_batch_nothing(serve: Start) -> None:
    served = serve(window=0.3)
    with ThreadPoolExecutor(3) as clients:
        asked = [clients.submit(served.ask, "/v1/read", picture(w)) for w in (13, 40, 41)]
        statuses = [one.result().status for one in asked]
    assert statuses == [500, 200, 200]


def test_requests_choose_among_readers(serve: Start) -> None:
    served = serve(rules=Rules(allowed={"page_reader.suffix"}), readers=3)
    for suffix in "abcb":
        answer = served.ask(f"/v1/read?format=text&set=page_reader.suffix={suffix}", picture())
        assert answer.body.decode() == f"40x20{suffix}\n"
    assert len(served.service.readers) == 3
    assert b"ocrx_readers 3.0" in served.ask("/metrics").body


def test_what_costs_money_has_to_be_allowed(served: Served, serve: Start) -> None:
    answer = served.ask("/v1/read?recognizer=paid", picture())
    assert (answer.status, "costs $1" in answer.error["message"]) == (400, True)
    allowed = serve(rules=Rules(paid=True))
    assert allowed.ask("/v1/read?recognizer=paid", picture()).status == 200


@pytest.mark.parametrize("path", ["/v1/read", "/v1/read/stream"])
def test_a_document_of_many_pages_is_refused(serve: Start, path: str) -> None:
    answer = serve(pages=2).ask(path, pages(30, 31, 32))
    assert (answer.status, answer.error["type"]) == (413, "TooMuch")
