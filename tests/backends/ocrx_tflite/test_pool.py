"""Keeping what is dear to make, within bounds."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocrx.errors import SessionClosed
from ocrx_tflite.pool import Pool


class Made:
    """A thing of some kind; `log` says which were made."""

    def __init__(self, kind: str, log: list[str]) -> None:
        self.kind = kind
        log.append(kind)


def pool_of(log: list[str], concurrency: int = 1, budget: int = 2) -> Pool[str, Made]:
    return Pool(lambda kind: Made(kind, log), lambda made: len(made.kind), concurrency, budget)


def use(pool: Pool[str, Made], *kinds: str) -> None:
    for kind in kinds:
        with pool.take(kind) as made:
            assert made.kind == kind


def test_what_comes_back_is_used_again() -> None:
    log: list[str] = []
    use(pool_of(log), "a", "b", "a", "b")
    assert log == ["a", "b"]


def test_beyond_the_budget_the_one_used_longest_ago_goes() -> None:
    log: list[str] = []
    use(pool_of(log), "a", "b", "a", "c", "a", "b")
    assert log == ["a", "b", "c", "b"]


def test_the_last_is_kept_whatever_it_costs() -> None:
    log: list[str] = []
    use(pool_of(log), "large", "large", "a", "large")
    assert log == ["large", "a", "large"]


def test_callers_of_one_kind_get_one_each_and_no_more_than_allowed() -> None:
    log: list[str] = []
    pool = pool_of(log, concurrency=2, budget=9)
    both = threading.Barrier(2, timeout=20)
    together, most = 0, 0
    lock = threading.Lock()

    def work(number: int) -> None:
        nonlocal together, most
        with pool.take("a"):
            with lock:
                together += 1
                most = max(most, together)
            if number < 2:
                both.wait()
            with lock:
                together -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert log == ["a", "a"]
    assert most == 2


def test_one_that_cannot_be_made_leaves_its_place() -> None:
    def fail(kind: str) -> str:
        raise ValueError(kind)

    pool: Pool[str, str] = Pool(fail, len, 1, 1)
    for _ in range(3):
        with pytest.raises(ValueError, match="a"), pool.take("a"):
            pass


def test_what_is_kept_is_let_go_of_while_nothing_is_in_use() -> None:
    log: list[str] = []
    pool = pool_of(log, concurrency=2)
    use(pool, "a")
    with pool.take("b"):
        pool.release()
        use(pool, "a")
    assert log == ["a", "b"]
    pool.release()
    use(pool, "a", "b")
    assert log == ["a", "b", "a", "b"]


def test_a_closed_pool_gives_nothing_and_keeps_nothing() -> None:
    log: list[str] = []
    pool = pool_of(log)
    with pool.take("a"):
        pool.close()
    with pytest.raises(SessionClosed), pool.take("a"):
        pass
    assert log == ["a"]


def test_a_closed_pool_lets_go_of_what_things_are_made_from() -> None:
    class Weights:
        def fill(self, kind: str) -> str:
            return kind

    weights = Weights()
    pool: Pool[str, str] = Pool(weights.fill, len, 1, 1)
    gone = weakref.ref(weights)
    del weights
    with pool.take("a"):
        assert gone() is not None
    pool.close()
    assert gone() is None


def test_closing_wakes_those_who_wait() -> None:
    pool = pool_of([])
    with ThreadPoolExecutor(1) as threads, pool.take("a"):
        waiting = threads.submit(use, pool, "a")
        pool.close()
        with pytest.raises(SessionClosed):
            waiting.result(timeout=20)
