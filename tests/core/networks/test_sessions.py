"""Which of a network's sessions a call gets."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

import pytest

from ocrx.errors import BackendError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.networks import sessions as module
from ocrx.networks.sessions import Sessions
from support.fakenetwork import Echo

OPTIONS = SessionOptions("auto", "auto", threads=4, concurrency=4)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IN_A_ROW", 1)


@dataclass
class Opening:
    """Opens sessions that divide the processors, and remembers for what it was asked; no more
    than `most` of them."""

    divided: bool = True
    most: int = 9
    asked: list[SessionOptions] = field(default_factory=list)
    sessions: list[Echo] = field(default_factory=list)

    def __call__(self, options: SessionOptions) -> Echo:
        self.asked.append(options)
        if len(self.asked) > self.most:
            raise BackendError("there is no more memory", "Get some.")
        session = Echo(options.concurrency)
        session.divided = self.divided and options.concurrency > 1
        self.sessions.append(session)
        return session


def test_calls_that_come_one_by_one_get_all_processors_after_a_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "IN_A_ROW", 2)
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    for expected in (0, 0, 1, 1):
        with sessions.take(1) as session:
            assert session is opening.sessions[expected]
    assert opening.asked == [OPTIONS, SessionOptions("auto", "auto", threads=4, concurrency=1)]
    with sessions.take(3) as session:
        assert session is sessions.main
    with sessions.take(1) as session:
        assert session is sessions.main  # the first after others


def test_a_single_call_beside_another_goes_with_the_many() -> None:
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    with sessions.take(1), sessions.take(1) as first, sessions.take(1) as second:
        assert first is opening.sessions[1]
        assert second is sessions.main
    with sessions.take(1) as session:
        assert session is opening.sessions[1]


def test_no_other_session_is_opened_where_a_call_has_all_processors_anyway() -> None:
    opening = Opening(divided=False)
    sessions = Sessions(opening, OPTIONS)
    for _ in range(3):
        with sessions.take(1) as session:
            assert session is sessions.main
    assert len(opening.sessions) == 1


def test_the_exact_one_is_in_fp32_on_the_same_device_and_opened_once() -> None:
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    together = threading.Barrier(4)
    found = []

    def ask() -> None:
        together.wait()
        found.append(sessions.exact())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [opening.sessions[1]] * 4
    assert opening.asked[1:] == [SessionOptions("cpu", "fp32", threads=4, concurrency=1)]


def test_where_no_further_session_can_be_had_reading_goes_on_and_it_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    opening = Opening(most=1)
    sessions = Sessions(opening, OPTIONS)
    with caplog.at_level(logging.WARNING, "ocrx"):
        for _ in range(3):
            with sessions.take(1) as session:
                assert session is sessions.main
            assert sessions.exact() is None
    assert len(opening.asked) == 3
    assert [record.getMessage() for record in caplog.records] == [
        "ocrx: no session of its own for near ties: there is no more memory. Get some.",
        "ocrx: no session of its own for one call at a time: there is no more memory. Get some.",
    ]


def test_all_of_them_give_memory_back_and_are_closed() -> None:
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    sessions.release()
    with sessions.take(1), sessions.take(1):
        sessions.exact()
    sessions.release()
    assert [one.released for one in opening.sessions] == [2, 1, 1]
    sessions.close()
    assert all(one.closed for one in opening.sessions)


def test_nothing_is_opened_any_more_once_they_are_closed() -> None:
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    sessions.close()
    with sessions.take(1), sessions.take(1) as session:
        assert session is sessions.main
    assert sessions.exact() is None
    assert len(opening.sessions) == 1
