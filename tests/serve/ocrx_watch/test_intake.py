"""A source runs beside the reader."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from ocrx.errors import InputError
from ocrx.images.document import Raster
from ocrx.reading.pictures import Picture
from ocrx_watch.sources.intake import LIVE, Intake
from ocrx_watch.sources.source import Arrival, Back, Frame, Lost, Moment, Source

BLANK = Raster.of(np.zeros((4, 4, 3), np.uint8))


class Numbers(Source):
    """So many frames, and an error if `breaks`. `passed` is set once all have come."""

    def __init__(self, count: int, *, live: bool, breaks: bool = False) -> None:
        self.live = live
        self.passed = threading.Event()
        self._count = count
        self._breaks = breaks

    def frames(self, stop: threading.Event) -> Iterator[Arrival]:
        for number in range(self._count):
            moment = Moment("numbers", number, 0, 0.0)
            yield Frame(Picture("numbers", number, BLANK, 0.0), moment)
        self.passed.set()
        if self._breaks:
            raise InputError("the source breaks", "Mend it.")


def all_of(intake: Intake) -> list[int]:
    found: list[int] = []
    while taken := intake.take():
        found += [one.moment.number for one in taken if isinstance(one, Frame)]
    return found


def test_a_live_source_drops_the_oldest_and_counts_them() -> None:
    source = Numbers(50, live=True)
    intake = Intake(source, threading.Event())
    assert source.passed.wait(10)
    assert all_of(intake) == list(range(50))[-LIVE:]
    assert intake.dropped == 50 - LIVE
    intake.close()


def test_no_word_of_a_live_source_is_dropped() -> None:
    class Words(Numbers):
        def frames(self, stop: threading.Event) -> Iterator[Arrival]:
            yield Lost("numbers", InputError("it is lost", "Find it."))
            yield Back("numbers", 1.0)
            yield from super().frames(stop)

    source = Words(50, live=True)
    intake = Intake(source, threading.Event())
    assert source.passed.wait(10)
    assert [type(one) for one in intake.take()] == [Lost, Back, *[Frame] * LIVE]
    assert intake.dropped == 50 - LIVE
    intake.close()


def test_any_other_source_waits() -> None:
    source = Numbers(50, live=False)
    intake = Intake(source, threading.Event())
    assert not source.passed.wait(0.05)
    assert all_of(intake) == list(range(50))
    assert intake.dropped == 0


def test_an_error_comes_after_all_that_was_seen() -> None:
    intake = Intake(Numbers(3, live=False, breaks=True), threading.Event())
    time.sleep(0.05)
    assert len(intake.take()) == 3
    with pytest.raises(InputError, match="the source breaks"):
        intake.take()


def test_a_source_that_waits_for_room_can_be_ended() -> None:
    intake = Intake(Numbers(50, live=False), threading.Event())
    intake.close()
    intake.take()
    assert not [thread for thread in threading.enumerate() if thread.name == "ocrx-watch-source"]
