"""The page reader talks to a server that implements the service: what it sends, how often, and what
it makes of every answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import grpc
import numpy as np
import pytest
from google.cloud import vision
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from ocrx.errors import (
    BackendError,
    BackendMissing,
    InputError,
    OcrxError,
    OfflineError,
    SessionClosed,
    TransientError,
    UnknownOption,
)
from ocrx.plugins.options import make_options
from ocrx.reading.reader import Reader
from ocrx.testing import PageReaderContract
from ocrx.testing.pictures import page
from ocrx.types import Image, Page
from ocrx_cli.app import main
from ocrx_google_vision import pictures
from ocrx_google_vision.reader import GoogleVisionReader
from ocrx_google_vision.settings import GoogleVisionOptions
from support.visionserver import VisionServer, failed, vision_server

WORDS = ("Invoice 2041", "Total 17.50")


@pytest.fixture(scope="module")
def running() -> Iterator[VisionServer]:
    with vision_server() as server:
        yield server


@pytest.fixture
def server(running: VisionServer) -> VisionServer:
    running.requests.clear()
    running.before = lambda request, context: None
    return running


@pytest.fixture
def reader(server: VisionServer) -> Iterator[GoogleVisionReader]:
    with GoogleVisionReader(GoogleVisionOptions(**server.options)) as found:
        yield found


class TestContract(PageReaderContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: VisionServer) -> None:
        self.options = GoogleVisionOptions(**server.options)

    def make(self) -> GoogleVisionReader:
        return GoogleVisionReader(self.options)


def texts(results: list[Page | OcrxError]) -> list[str]:
    return [one.text if isinstance(one, Page) else type(one).__name__ for one in results]


def once(code: grpc.StatusCode, said: str = "later") -> Callable[[Any, Any], Any]:
    """Aborts the first call."""
    calls = iter([True])

    def before(request: Any, context: Any) -> None:
        if next(calls, False):
            context.abort(code, said)

    return before


def always(code: grpc.StatusCode, said: str) -> Callable[[Any, Any], Any]:
    return lambda request, context: context.abort(code, said)


def test_what_is_asked_reaches_the_service(server: VisionServer) -> None:
    options = GoogleVisionOptions(
        **server.options,
        languages="de, en",
        feature="scene",
        model="builtin/latest",
        parent="projects/p/locations/eu",
    )
    with GoogleVisionReader(options) as reader:
        reader.read([page(WORDS)])
    (request,) = server.requests
    assert request.parent == "projects/p/locations/eu"
    (one,) = request.requests
    assert list(one.image_context.language_hints) == ["de", "en"]
    (feature,) = one.features
    assert feature.type_ == vision.Feature.Type.TEXT_DETECTION
    assert feature.model == "builtin/latest"
    sent = cv2.imdecode(np.frombuffer(one.image.content, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(np.asarray(sent), page(WORDS))


def test_a_request_holds_sixteen_pictures(server: VisionServer, reader: GoogleVisionReader) -> None:
    server.before = lambda request, context: vision.BatchAnnotateImagesResponse(
        responses=[{} for _ in request.requests]
    )
    assert texts(list(reader.read([page(("one",), 60)] * 35))) == [""] * 35
    assert [len(request.requests) for request in server.requests] == [16, 16, 3]


def test_a_request_keeps_within_its_bytes(
    server: VisionServer, reader: GoogleVisionReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "REQUEST_BYTES", 30_000)
    noise = np.random.default_rng(3).integers(0, 255, (60, 100, 3), np.uint8)  # 18 kB as PNG
    assert len(reader.read([noise, noise, noise])) == 3
    assert [len(request.requests) for request in server.requests] == [1, 1, 1]


def test_a_picture_that_is_too_large_as_png_goes_as_jpeg_and_says_so(
    server: VisionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "REQUEST_BYTES", 15_000)
    noise = np.random.default_rng(3).integers(100, 140, (70, 100, 3), np.uint8)
    with GoogleVisionReader(GoogleVisionOptions(**server.options)) as reader:
        (found,) = reader.read([noise])
    assert isinstance(found, Page)
    assert "sent as JPEG" in found.notes[0]
    assert server.requests[0].requests[0].image.content[:2] == b"\xff\xd8"
    with GoogleVisionReader(GoogleVisionOptions(**server.options, encoding="png")) as reader:
        (error,) = reader.read([noise])
    assert isinstance(error, InputError)
    assert "100 x 70 pixels is 0.0 MB" in str(error)


def test_a_picture_of_too_many_pixels_costs_itself_alone(
    server: VisionServer, reader: GoogleVisionReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PIXELS", 100_000)
    error, found = reader.read([np.zeros((300, 400, 3), np.uint8), page(WORDS)])
    assert isinstance(error, InputError)
    assert "400 x 300 pixels" in str(error)
    assert texts([found]) == ["\n".join(WORDS)]


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    ],
)
def test_what_passes_is_tried_again(
    server: VisionServer, reader: GoogleVisionReader, code: grpc.StatusCode
) -> None:
    server.before = once(code)
    assert texts(list(reader.read([page(WORDS)]))) == ["\n".join(WORDS)]
    assert len(server.requests) == 2


def test_only_the_pictures_that_failed_are_sent_again(
    server: VisionServer, reader: GoogleVisionReader
) -> None:
    busy = vision.BatchAnnotateImagesResponse(
        responses=[{}, failed(14, "The service is busy."), failed(3, "Bad image data.")]
    )
    answers = iter([busy])
    server.before = lambda request, context: next(answers, None)
    blank, found, bad = reader.read([page(()), page(WORDS), page(("one",))])
    assert [len(request.requests) for request in server.requests] == [3, 1]
    assert texts([blank, found]) == ["", "\n".join(WORDS)]
    assert isinstance(bad, InputError)
    assert "does not take the picture: Bad image data." in str(bad)


def test_waits_become_longer_and_heed_the_service(server: VisionServer) -> None:
    waits: list[float] = []
    options = GoogleVisionOptions(**{**server.options, "wait": 0.5, "tries": 4})
    server.before = always(grpc.StatusCode.UNAVAILABLE, "busy")
    with GoogleVisionReader(options) as reader:
        reader._service.wait = waits.append
        (error,) = reader.read([page(WORDS)])
        assert isinstance(error, TransientError)
        assert "did not answer: busy" in str(error)
        assert waits == [0.5, 1.0, 2.0]
        server.before = slow_down
        reader.read([page(WORDS)])
    assert waits[3:] == [7.5, 7.5, 7.5]


def slow_down(request: Any, context: Any) -> None:
    info = error_details_pb2.RetryInfo(
        retry_delay=duration_pb2.Duration(seconds=7, nanos=5 * 10**8)
    )
    detail = any_pb2.Any()
    detail.Pack(info)
    status = status_pb2.Status(code=8, message="quota", details=[detail])
    context.abort_with_status(rpc_status.to_status(status))


def test_a_quota_that_stays_used_up_is_told(
    server: VisionServer, reader: GoogleVisionReader
) -> None:
    server.before = always(grpc.StatusCode.RESOURCE_EXHAUSTED, "Requests per minute")
    (error,) = reader.read([page(WORDS)])
    assert isinstance(error, TransientError)
    assert "quota is used up: Requests per minute" in str(error)


def test_of_a_request_that_is_refused_each_picture_is_sent_alone(
    server: VisionServer, reader: GoogleVisionReader
) -> None:
    def before(request: Any, context: Any) -> None:
        if any(len(one.image.content) < 400 for one in request.requests):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "one is too small")

    server.before = before
    first, bad, last = reader.read([page(WORDS), page((), 20), page(WORDS)])
    assert isinstance(bad, InputError)
    assert texts([first, last]) == ["\n".join(WORDS)] * 2


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED]
)
def test_a_caller_that_is_refused_is_told_what_to_check(
    server: VisionServer, reader: GoogleVisionReader, code: grpc.StatusCode
) -> None:
    server.before = always(code, "The API is not enabled.")
    with pytest.raises(BackendMissing, match=r"refuses this caller: The API .*billing are on"):
        reader.read([page(WORDS)])
    assert len(server.requests) == 1


def test_other_failures_are_told_with_their_code(
    server: VisionServer, reader: GoogleVisionReader
) -> None:
    server.before = always(grpc.StatusCode.DATA_LOSS, "gone")
    (error,) = reader.read([page(WORDS)])
    assert isinstance(error, BackendError)
    assert "code 15" in str(error)


def test_too_few_answers_are_no_answer(server: VisionServer, reader: GoogleVisionReader) -> None:
    server.before = lambda request, context: vision.BatchAnnotateImagesResponse(responses=[{}])
    results = reader.read([page(WORDS), page(WORDS)])
    assert ["answered 1 of 2" in str(one) for one in results] == [True, True]


def test_without_a_network_it_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OfflineError, match="sends pictures away"):
        Reader(recognizer="google-vision", offline=True)
    monkeypatch.setenv("OCRX_OFFLINE", "1")
    with pytest.raises(OfflineError):
        Reader(recognizer="google-vision")


def test_without_credentials_the_error_says_how_to_get_some(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "key.json"
    secret.write_text('{"type": "service_account", "private_key": "SECRET"}')
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(secret))
    with pytest.raises(BackendMissing, match="gcloud auth application-default login") as why:
        GoogleVisionReader(GoogleVisionOptions())
    assert "SECRET" not in str(why.value)
    assert "key.json" not in str(why.value)


def test_without_its_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.vision", None)
    with pytest.raises(BackendMissing, match=r"pip install 'ocrx\[google-vision\]'"):
        GoogleVisionReader(GoogleVisionOptions())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"insecure": True}, "name the server"),
        ({"languages": "german, english"}, None),
        ({"languages": "de;en"}, "is not a tag such as de"),
        ({"feature": "faces"}, "document, scene"),
        ({"tries": 0}, "at least 1"),
        ({"timeout": 0}, "at least 0.001"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], told: str | None) -> None:
    if told is None:
        make_options(GoogleVisionOptions, options, "google-vision")
        return
    with pytest.raises(UnknownOption, match=told):
        make_options(GoogleVisionOptions, options, "google-vision")


def test_it_cannot_be_used_once_closed(reader: GoogleVisionReader) -> None:
    reader.close()
    with pytest.raises(SessionClosed):
        reader.read([page(WORDS)])


def command(server: VisionServer, *arguments: str | Path) -> int:
    settings = [f"page_reader.{name}={value}" for name, value in server.options.items()]
    chosen = [part for setting in settings for part in ("--set", setting)]
    return main(["read", "-r", "google-vision", *chosen, *map(str, arguments)])


def write(path: Path, image: Image) -> Path:
    cv2.imwrite(str(path), image)
    return path


def test_one_picture_that_fails_costs_a_line_and_the_others_are_kept(
    server: VisionServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good, bad = write(tmp_path / "a.png", page(WORDS)), write(tmp_path / "b.png", page(("one",)))
    server.before = lambda request, context: (
        vision.BatchAnnotateImagesResponse(responses=[{}, failed(3, "Bad image data.")])
        if len(request.requests) == 2
        else None
    )
    assert command(server, good, bad) == 1
    out, err = capfd.readouterr()
    noted, failed_line = err.splitlines()  # nothing was read of the other, as the server says
    assert noted.startswith(f"ocrx: {good}: nothing was read")
    assert failed_line.startswith(f"ocrx: error: {bad}: Google Vision does not take the picture")
    assert "a.png" in out


def test_a_large_run_tells_its_cost_and_needs_a_yes(
    server: VisionServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    picture = write(tmp_path / "a.png", page(("one",), 60))
    server.before = lambda request, context: vision.BatchAnnotateImagesResponse(
        responses=[{} for _ in request.requests]
    )
    many = [picture] * 120
    assert command(server, *many) == 2
    told = "reading 120 pages costs about 0.18 US dollars at 1.5 for a thousand"
    assert told in capfd.readouterr().err
    assert server.requests == []
    assert command(server, "--yes", *many) == 0
    assert told in capfd.readouterr().err
    assert sum(len(request.requests) for request in server.requests) == 120
    assert command(server, picture) == 0
    assert "dollars" not in capfd.readouterr().err
