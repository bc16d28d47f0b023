"""Shards and workers, whatever becomes of workers. No process is started."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import pytest

from ocrx.errors import BackendError, OcrxError
from ocrx_batch.driver import Driver, Renewal
from ocrx_batch.engine import Answer, Died, Done, Engine, Failure, Ready, Record, Shard

NEVER = Renewal(10**9, 10**12)


class FakeEngine(Engine):
    """Answers at once what `answer` says of a shard."""

    def __init__(self, workers: int, answer: Callable[[Shard], Answer]) -> None:
        self.workers = workers
        self._answer = answer
        self._told: deque[tuple[int, Answer]] = deque()
        self.started = 0
        self.alive: set[int] = set()
        self.given: list[tuple[str, ...]] = []

    def start(self) -> int:
        self.started += 1
        self.alive.add(self.started)
        assert len(self.alive) <= self.workers
        self._told.append((self.started, Ready()))
        return self.started

    def give(self, worker: int, shard: Shard) -> None:
        assert worker in self.alive
        self.given.append(shard.sources)
        self._told.append((worker, self._answer(shard)))

    def answers(self) -> Sequence[tuple[int, Answer]]:
        worker, answer = self._told.popleft()
        if isinstance(answer, Died):
            self.alive.remove(worker)
        return [(worker, answer)]

    def stop(self, worker: int) -> None:
        self.alive.remove(worker)

    def close(self) -> None:
        self.alive.clear()


class Outcome:
    def __init__(self, engine: FakeEngine, renewal: Renewal = NEVER) -> None:
        self.done: list[str] = []
        self.failed: list[Failure] = []
        self.driver = Driver(
            engine,
            renewal,
            lambda answer: self.done.extend(answer.record.sources),
            lambda shard, failure: self.failed.append(failure),
            lambda text: None,
        )


def shards(count: int, size: int = 3) -> list[Shard]:
    return [Shard(n, tuple(f"{n}.{i}" for i in range(size))) for n in range(count)]


def read(shard: Shard) -> Answer:
    return Done(shard, Record(shard.sources, len(shard.sources)), 100)


def test_each_shard_is_read_once() -> None:
    engine = FakeEngine(3, read)
    outcome = Outcome(engine)
    outcome.driver.run(shards(10))
    assert sorted(outcome.done) == sorted(s for shard in shards(10) for s in shard.sources)
    assert engine.started == 3
    assert len(engine.given) == 10


def test_no_more_workers_start_than_there_are_shards() -> None:
    engine = FakeEngine(8, read)
    Outcome(engine).driver.run(shards(2))
    assert engine.started == 2


def test_what_a_dead_worker_read_is_read_again_as_it_was() -> None:
    deaths = iter([Died("killed")])
    engine = FakeEngine(1, lambda shard: next(deaths, None) or read(shard))
    outcome = Outcome(engine)
    outcome.driver.run(shards(2))
    assert engine.given == [s.sources for s in (shards(2)[0], *shards(2))]
    assert (len(outcome.done), outcome.failed, engine.started) == (6, [], 2)


def test_a_deadly_picture_is_found_and_named_and_the_others_are_read() -> None:
    engine = FakeEngine(2, lambda one: Died("killed") if "1.1" in one.sources else read(one))
    outcome = Outcome(engine)
    outcome.driver.run(shards(3))
    assert sorted(outcome.done) == sorted(
        source for shard in shards(3) for source in shard.sources if source != "1.1"
    )
    [failure] = outcome.failed
    assert failure.source == "1.1"
    assert "killed" in failure.message
    assert failure.again


def test_a_machine_that_goes_is_no_fault_of_what_it_read() -> None:
    deaths = iter([Died("the node went", blameless=True)] * 4)
    engine = FakeEngine(1, lambda shard: next(deaths, None) or read(shard))
    outcome = Outcome(engine)
    outcome.driver.run(shards(1))
    assert engine.given == [shards(1)[0].sources] * 5
    assert outcome.failed == []
    assert len(outcome.done) == 3


def test_workers_that_die_again_and_again_end_it_all() -> None:
    engine = FakeEngine(4, lambda shard: Died("killed"))
    with pytest.raises(BackendError, match="died one after the other"):
        Outcome(engine).driver.run(shards(100))


def test_an_error_that_others_would_meet_ends_it_all() -> None:
    engine = FakeEngine(1, lambda shard: OcrxError("no weights", "Get them."))
    with pytest.raises(OcrxError, match="no weights"):
        Outcome(engine).driver.run(shards(5))
    assert len(engine.given) == 1


@pytest.mark.parametrize("renewal", [Renewal(6, 10**12), Renewal(10**9, 100)])
def test_workers_are_renewed(renewal: Renewal) -> None:
    engine = FakeEngine(1, read)
    Outcome(engine, renewal).driver.run(shards(8))
    assert engine.started == (4 if renewal.pages == 6 else 8)


def test_a_shard_that_is_divided_is_told() -> None:
    bad, good = shards(2)

    def deadly(shard: Shard) -> Answer:
        return Died("it ended") if shard == bad else read(shard)

    outcome = Outcome(FakeEngine(2, deadly))
    outcome.driver.run([bad, good])
    assert outcome.driver.divided == [bad]
    assert sorted(outcome.done) == sorted([*bad.sources, *good.sources])
