"""Videos and cameras."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from ocrx.errors import InputError, UsageError
from ocrx_watch.sources import capture
from ocrx_watch.sources.capture import Camera, Video, silence
from ocrx_watch.sources.opening import open_source
from ocrx_watch.sources.source import Arrival, Back, Frame, Lost, Source
from support.samples import encode, gradient

NEVER = threading.Event()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "PAUSE", 0.0)
    silence()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Ten frames, 20 a second, each brighter than the one before, redder than it is blue."""
    path = tmp_path / "line.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (64, 48))
    for n in range(10):
        writer.write(np.full((48, 64, 3), (n * 10, n * 10, 100 + n * 10), np.uint8))
    writer.release()
    return path


def frames(source: Source) -> list[Frame]:
    return [one for one in source.frames(NEVER) if isinstance(one, Frame)]


def test_each_frame_of_a_video_comes_in_rgb_with_its_place(video: Path) -> None:
    found = frames(open_source(str(video)))
    assert [one.moment.number for one in found] == list(range(10))
    assert [one.moment.position for one in found] == pytest.approx([n / 20 for n in range(10)])
    red, _, blue = found[3].picture.raster.image.mean(axis=(0, 1))
    assert (red, blue) == pytest.approx((130, 30), abs=6)
    assert found[3].picture.source == str(video)


def test_every_third_frame(video: Path) -> None:
    assert [one.moment.number for one in frames(Video(video, 3))] == [0, 3, 6, 9]


def test_a_video_that_breaks_off_is_told_after_its_frames(video: Path) -> None:
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    source, found = Video(video, 1), list[Arrival]()
    with pytest.raises(InputError, match=r"breaks off after|cannot be opened"):
        found.extend(source.frames(NEVER))


def test_what_is_no_video_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode(gradient(40, 20)))
    with pytest.raises(InputError, match=r"a picture \(PNG\).*ocrx read"):
        Video(tmp_path / "a.png", 1)
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(InputError, match="cannot be opened"):
        frames(Video(tmp_path / "a.mp4", 1))
    with pytest.raises(InputError, match="does not exist"):
        open_source(str(tmp_path / "none.mp4"))
    with pytest.raises(UsageError, match=r"ftp://host/a\.mp4 is no camera"):
        open_source("ftp://me:secret@host/a.mp4")


@pytest.mark.parametrize(
    ("place", "options", "message"),
    [
        (".", {"every": 2}, "a folder has no use for --every"),
        (".", {"size": (640, 480)}, "a folder has no use for --size"),
        ("0", {"existing": True}, "a camera has no use for --existing"),
        ("rtsp://host/live", {"size": (640, 480)}, "a camera of the network has no use for --size"),
        ("a.mp4", {"existing": True}, "a video has no use for --existing"),
        (".", {"patience": 5.0}, "a folder has no use for --reconnect"),
        ("http://[::1/live", {}, "an address that begins with http:// is none"),
    ],
)
def test_what_a_source_has_no_use_for_is_an_error(
    place: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        open_source(place, **{"existing": False, "size": None, "every": 1, **options})


def test_a_camera_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="camera 97 cannot be opened"):
        frames(open_source("97", size=(1920, 1080)))


def test_a_camera_of_the_network_that_does_not_answer_is_an_error_without_its_password() -> None:
    source = open_source("rtsp://me:secret@127.0.0.1:9/live")
    with pytest.raises(InputError, match="cannot be opened") as raised:
        frames(source)
    assert "secret" not in str(raised.value)


Opened = Callable[..., list[Mock]]


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Makes a camera that grabs what is given each time that it is opened, which is listed; None if
    it is not there then. It stops whoever opens it once more."""

    def make(stop: threading.Event, *grabs: list[bool] | None) -> list[Mock]:
        opened: list[Mock] = []
        plugged = iter(grabs)

        def capture(_: int) -> Mock:
            if len(opened) == len(grabs):
                stop.set()
            given = next(plugged, None)
            made = Mock(**{"isOpened.return_value": given is not None})
            there = iter(given or [])
            made.grab = lambda: next(there, False)
            made.retrieve = lambda: (True, np.zeros((48, 64, 3), np.uint8))
            opened.append(made)
            return made

        monkeypatch.setattr(cv2, "VideoCapture", capture)
        monkeypatch.setattr("ocrx_watch.sources.capture.FIRST", 0.001)
        return opened

    return make


def test_a_camera_that_is_unplugged_is_an_error_after_its_frames(camera: Opened) -> None:
    opened = camera(NEVER, [True, True, False, True, True, True])
    found: list[Arrival] = []
    with pytest.raises(InputError, match=r"camera 0 gives no more pictures.*cable"):
        found.extend(Camera("0", None, 1, 0.0).frames(NEVER))
    assert len(found) == 5
    [one] = opened
    one.release.assert_called_once()


def test_a_camera_that_is_plugged_in_again_is_read_again(camera: Opened) -> None:
    stop = threading.Event()
    opened = camera(stop, [True, True], None, None, [True])
    found = list(Camera("0", None, 1, 600.0).frames(stop))
    assert [type(one) for one in found] == [Frame, Frame, Lost, Back, Frame, Lost]
    assert [one.moment.number for one in found if isinstance(one, Frame)] == [0, 1, 2]
    assert all(one.release.called for one in opened)


def test_a_camera_that_was_never_there_is_not_looked_for(camera: Opened) -> None:
    opened = camera(NEVER, None)
    with pytest.raises(InputError, match="camera 0 cannot be opened"):
        list(Camera("0", None, 1, 600.0).frames(NEVER))
    assert len(opened) == 1
