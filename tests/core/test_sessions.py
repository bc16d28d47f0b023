"""Which of a network's sessions a call gets."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from fakenetwork import Echo
from ocrx.errors import SessionClosed
from ocrx.interfaces import SessionOptions
from ocrx.sessions import Sessions

OPTIONS = SessionOptions("auto", "auto", threads=4, concurrency=4)


@dataclass
class Opening:
    """Opens sessions that divide the processors, and remembers for what it was asked."""

    divided: bool = True
    precision: str = "fp32"
    asked: list[SessionOptions] = field(default_factory=list)
    sessions: list[Echo] = field(default_factory=list)

    def __call__(self, options: SessionOptions) -> Echo:
        session = Echo(options.concurrency)
        session.divided = self.divided and options.concurrency > 1
        session.precision = self.precision if options.precision == "auto" else options.precision
        self.asked.append(options)
        self.sessions.append(session)
        return session


def test_calls_that_come_one_by_one_get_all_processors_from_the_second_on() -> None:
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    for expected in (0, 1, 1):
        with sessions.take(1) as runs:
            assert runs.session is opening.sessions[expected]
    assert [one.concurrency for one in opening.asked] == [4, 1]
    with sessions.take(3) as runs:
        assert runs.session is sessions.main
    with sessions.take(1) as runs:
        assert runs.session is sessions.main  # the first after others


def test_a_single_call_beside_another_goes_with_the_many() -> None:
    opening = Opening()
    sessions = Sessions(opening, OPTIONS)
    with sessions.take(1), sessions.take(1) as first, sessions.take(1) as second:
        assert first.session is opening.sessions[1]
        assert second.session is sessions.main
    with sessions.take(1) as runs:
        assert runs.session is opening.sessions[1]


def test_no_other_session_is_opened_where_a_call_has_all_processors_anyway() -> None:
    opening = Opening(divided=False)
    sessions = Sessions(opening, OPTIONS)
    for _ in range(3):
        with sessions.take(1) as runs:
            assert runs.session is sessions.main
    assert len(opening.sessions) == 1


def test_what_is_left_undecided_has_a_session_in_fp32_on_the_same_device() -> None:
    opening = Opening(precision="bf16")
    sessions = Sessions(opening, OPTIONS)
    with sessions.take(2) as runs:
        assert len(opening.asked) == 1
        exact = runs.exact()
        assert runs.exact() is exact
    assert opening.asked[1] == SessionOptions("cpu", "fp32", threads=4, concurrency=4)
    with sessions.take(1), sessions.take(1) as runs:
        runs.exact()
    assert opening.asked[2:] == [
        SessionOptions("auto", "auto", threads=4, concurrency=1),
        SessionOptions("cpu", "fp32", threads=4, concurrency=1),
    ]


def test_all_of_them_give_memory_back_and_are_closed() -> None:
    opening = Opening(precision="bf16")
    sessions = Sessions(opening, OPTIONS)
    with sessions.take(2) as runs:
        runs.exact()
        sessions.release()
        assert [one.released for one in opening.sessions] == [1, 1]
        sessions.close()
        assert all(one.closed for one in opening.sessions)
    with sessions.take(1), pytest.raises(SessionClosed), sessions.take(1):
        pass
