"""What the interfaces themselves do: check feeds, serialise what is not safe in threads, close."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ocrx.errors import InvalidFeed, SessionClosed
from ocrx.interfaces.components import Component
from ocrx.interfaces.runtimes import Session
from ocrx.types import Tensor, TensorSpec

X = np.ones((1, 2), np.float32)


class Doubling(Session):
    """Doubles its input; counts how many threads are in it at once."""

    inputs = (TensorSpec("x", (None, 2), "float32"),)
    outputs = (TensorSpec("y", (None, 2), "float32"),)
    device = "cpu"
    precision = "fp32"

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.most = 0
        self.closes = 0

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.01)
        self.inside -= 1
        return {"y": feeds["x"] * 2}

    def _close(self) -> None:
        self.closes += 1
        assert not self.inside


class SafeDoubling(Doubling):
    thread_safe = True


class Closing(dict[str, Tensor]):
    """Feeds that close the session when it first looks at them, to check them."""

    def __init__(self, session: Session) -> None:
        super().__init__(x=X)
        self._session = session

    def __getitem__(self, name: str) -> Tensor:
        if not self._session.closed:
            self._session.close()
        return super().__getitem__(name)


def run_in_threads(session: Session, times: int = 8) -> list[Tensor]:
    with ThreadPoolExecutor(times) as pool:
        feeds = [{"x": X * number} for number in range(times)]
        return [outputs["y"] for outputs in pool.map(session.run, feeds)]


def test_a_session_that_is_not_thread_safe_is_entered_by_one_thread_at_a_time() -> None:
    session = Doubling()
    results = run_in_threads(session)
    assert session.most == 1
    for number, result in enumerate(results):
        np.testing.assert_array_equal(result, X * number * 2)


def test_a_thread_safe_session_is_entered_by_several() -> None:
    session = SafeDoubling()
    run_in_threads(session)
    assert session.most > 1


def test_a_session_that_is_not_thread_safe_is_free_again_after_an_error() -> None:
    class Failing(Doubling):
        def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
            raise RuntimeError("out of memory")

    session = Failing()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="out of memory"):
            session.run({"x": X})


def test_feeds_are_checked_before_the_runtime_sees_them() -> None:
    session = Doubling()
    with pytest.raises(InvalidFeed, match="input 'x' is float64"):
        session.run({"x": X.astype(np.float64)})
    assert session.most == 0


def test_a_closed_session_says_so() -> None:
    with Doubling() as session:
        session.run({"x": X})
    with pytest.raises(SessionClosed):
        session.run({"x": X})
    session.close()


def test_a_session_that_is_closed_before_a_call_had_its_turn_refuses_it() -> None:
    session = Doubling()
    with pytest.raises(SessionClosed):
        session.run(Closing(session))
    assert session.most == 0


@pytest.mark.parametrize("kind", [Doubling, SafeDoubling])
def test_a_session_is_closed_once(kind: type[Doubling]) -> None:
    session = kind()
    with ThreadPoolExecutor(8) as pool:
        for closing in [pool.submit(session.close) for _ in range(8)]:
            closing.result(timeout=20)
    assert session.closes == 1


def test_a_session_is_not_closed_during_a_call() -> None:
    session = Doubling()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(session.run, {"x": X})
        while not session.inside and not running.done():
            time.sleep(0.001)
        session.close()  # which would fail if the call were still under way
        np.testing.assert_array_equal(running.result(timeout=20)["y"], X * 2)


def test_components_close_when_their_block_ends() -> None:
    closed = []

    class Noting(Component):
        def close(self) -> None:
            closed.append(self)

    with pytest.raises(KeyError), Noting() as component:
        raise KeyError
    assert closed == [component]
    Component().close()


def test_a_session_that_forgets_to_call_its_base_keeps_its_turns() -> None:
    class Forgetful(Doubling):
        def __init__(self) -> None:
            self.most = self.inside = 0

    session = Forgetful()
    run_in_threads(session)
    assert session.most == 1
