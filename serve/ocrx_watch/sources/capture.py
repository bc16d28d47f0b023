"""Cameras and videos, through OpenCV."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from ocrx.errors import InputError
from ocrx.images.document import Raster
from ocrx.images.formats import kind_of
from ocrx.images.rgb import array_to_rgb
from ocrx.reading.pictures import Picture
from ocrx.system.files import reading
from ocrx.system.text import printable
from ocrx_watch.sources.source import Arrival, Back, Frame, Lost, Moment, Source, Unread
from ocrx_watch.urls import without_secrets

PATIENCE = 10_000
"""Milliseconds in which a camera of the network must answer."""

TRIES = 10
"""A camera is lost if so many frames in a row do not come. Some skip one when light changes."""

PAUSE = 0.1
"""Seconds between these tries."""

FIRST, LONGEST = 0.5, 10.0
"""Seconds until a lost camera is opened again; twice as many after each try, up to the longest."""

BROKEN_OFF = 0.9
"""A video of which less than this fraction of its frames comes is damaged. How many it has is an
estimate in some formats."""


class Camera(Source):
    """A camera of this machine, by its number, or of the network, by its URL. `size` is the width
    and height that it is asked for, None to leave them as they are. Of `every` frames, one is read.
    One that goes is looked for, for `patience` seconds; one that was never there is not.
    """

    live = True

    def __init__(
        self, place: str, size: tuple[int, int] | None, every: int, patience: float
    ) -> None:
        self._place = place
        self._size = size
        self._every = every
        self._patience = patience
        self._name = f"camera {place}" if place.isdecimal() else without_secrets(place)
        self._number = 0

    def frames(self, stop: threading.Event) -> Iterator[Arrival]:
        lost, pause = None, FIRST
        while not stop.is_set():
            try:
                for arrival in self._shown(stop):
                    if lost is not None:
                        yield Back(self._name, time.monotonic() - lost)
                        lost, pause = None, FIRST
                    yield arrival
            except InputError as error:
                now = time.monotonic()
                if not self._number or now - (lost or now) >= self._patience:
                    raise
                if lost is None:
                    lost = now
                    yield Lost(self._name, error)
                stop.wait(pause)
                pause = min(2 * pause, LONGEST)

    def _shown(self, stop: threading.Event) -> Iterator[Arrival]:
        """What it shows until it goes, which raises InputError."""
        with _opened(self._capture, self._name, self._remedy) as capture:
            missing = 0
            while not stop.is_set():
                if not capture.grab():
                    missing += 1
                    if missing >= TRIES:
                        raise InputError(f"{self._name} gives no more pictures", self._remedy)
                    stop.wait(PAUSE)
                    continue
                missing = 0
                if self._number % self._every == 0:
                    yield _frame(capture, self._name, self._number)
                self._number += 1

    @property
    def _remedy(self) -> str:
        if self._place.isdecimal():
            return "Check its cable, that no other program uses it, and that its number is right."
        return "Check its address, and that it is switched on."

    def _capture(self) -> cv2.VideoCapture:
        if not self._place.isdecimal():
            patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, PATIENCE]
            patience += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, PATIENCE]
            return cv2.VideoCapture(self._place, cv2.CAP_FFMPEG, patience)
        capture = cv2.VideoCapture(int(self._place))
        if self._size is not None:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        return capture


class Video(Source):
    """A video file. Of `every` frames, one is read; none is dropped.

    Raises InputError if there is no such file, or if it is not a video.
    """

    def __init__(self, path: Path, every: int) -> None:
        self._name = printable(str(path))
        with reading(self._name), path.open("rb") as stream:
            kind = kind_of(stream.read(1024))
        if kind is not None:
            raise InputError(
                f"{self._name} is a picture ({kind}), not a video", "Read it with `ocrx read`."
            )
        self._path = path
        self._every = every

    def frames(self, stop: threading.Event) -> Iterator[Arrival]:
        remedy = "Give a video such as MP4, AVI or MKV."
        with _opened(lambda: cv2.VideoCapture(str(self._path)), self._name, remedy) as capture:
            count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
            rate = capture.get(cv2.CAP_PROP_FPS) or None
            number = 0
            while not stop.is_set() and capture.grab():
                if number % self._every == 0:
                    position = None if rate is None else number / rate
                    yield _frame(capture, self._name, number, position)
                number += 1
        if stop.is_set():
            self.left = max(0, count - number)
        elif number < count * BROKEN_OFF:
            raise InputError(
                f"{self._name} breaks off after {number} of {count} frames",
                "What was read of it counts. Get the file again for the rest.",
            )


def silence() -> None:
    """Keep OpenCV, and FFmpeg inside it, from writing to stderr for the whole process: what breaks
    is told in words of ours."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


@contextmanager
def _opened(
    capture: Callable[[], cv2.VideoCapture], name: str, remedy: str
) -> Iterator[cv2.VideoCapture]:
    try:
        found = capture()
    except cv2.error as error:
        raise InputError(f"{name} cannot be opened: {error.err}", remedy) from error
    try:
        if not found.isOpened():
            raise InputError(f"{name} cannot be opened", remedy)
        yield found
    finally:
        found.release()


def _frame(
    capture: cv2.VideoCapture, name: str, number: int, position: float | None = None
) -> Arrival:
    """The frame that was grabbed."""
    taken, started = time.time(), time.perf_counter()
    found, values = capture.retrieve()
    if not found or values.dtype != np.uint8:
        return Unread(
            name, InputError(f"frame {number} of {name} is damaged", "The others are read.")
        )
    if values.ndim == 3 and values.shape[2] == 3:
        values = cv2.cvtColor(values, cv2.COLOR_BGR2RGB)
    image, notes = array_to_rgb(np.asarray(values, np.uint8))
    spent = (time.perf_counter() - started) * 1000
    picture = Picture(name, number, Raster.of(image, notes), spent)
    return Frame(picture, Moment(name, number, 0, taken, position))
