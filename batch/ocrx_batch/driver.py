"""Gives shards to workers until all are done, whatever becomes of workers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ocrx.errors import BackendError, InputError, OcrxError
from ocrx.system.text import printable
from ocrx_batch.engine import Died, Done, Engine, Failure, Ready, Shard

HOPELESS_DEATHS = 25
"""So many workers that die one after the other, with nothing done in between, are not the fault of
pictures."""


MACHINE = 0.25
"""What the loss of a machine counts, as a death of what its worker read: it may be to blame."""


@dataclass(frozen=True)
class Renewal:
    """When a worker is replaced by a new one, because some runtimes lose memory: after so many
    pages, or when it holds so many bytes."""

    pages: int
    memory: int


@dataclass
class _State:
    """What a worker is at. It can be given a shard once it is `ready`."""

    ready: bool = False
    shard: Shard | None = None
    pages: int = 0


class Driver:
    """Has an engine's workers read shards.

    `on_done` is told of each shard that was written, `on_failure` of a shard of a single source
    that ends the workers that read it, and `on_note` what a user should know.
    """

    def __init__(
        self,
        engine: Engine,
        renewal: Renewal,
        on_done: Callable[[Done], None],
        on_failure: Callable[[Shard, Failure], None],
        on_note: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._renewal = renewal
        self._on_done = on_done
        self._on_failure = on_failure
        self._on_note = on_note
        self.divided: list[Shard] = []
        """Shards whose sources were read one by one instead. What a worker that was lost may have
        written of them is there twice."""
        self._workers: dict[int, _State] = {}
        self._todo: deque[Shard] = deque()
        self._deaths: dict[str, float] = {}
        self._in_a_row = 0

    def run(self, shards: Iterable[Shard]) -> None:
        """Return when all are done. Raises OcrxError for what ends it all. The engine stays
        open."""
        self._todo.extend(shards)
        while self._todo or self._busy:
            self._fill()
            for worker, answer in self._engine.answers():
                if isinstance(answer, OcrxError):
                    raise answer
                if isinstance(answer, Ready):
                    self._workers[worker].ready = True
                elif isinstance(answer, Done):
                    self._done(worker, answer)
                else:
                    self._died(worker, answer)

    @property
    def _busy(self) -> int:
        return sum(state.shard is not None for state in self._workers.values())

    def _fill(self) -> None:
        """Give shards to those that are ready, and start as many as there is work for."""
        for worker, state in self._workers.items():
            if state.ready and state.shard is None and self._todo:
                state.shard = self._todo.popleft()
                self._engine.give(worker, state.shard)
        waiting = len(self._workers) - self._busy
        while len(self._workers) < self._engine.workers and waiting < len(self._todo):
            self._workers[self._engine.start()] = _State()
            waiting += 1

    def _done(self, worker: int, answer: Done) -> None:
        self._in_a_row = 0
        self._on_done(answer)
        state = self._workers[worker]
        state.shard = None
        state.pages += answer.record.pages + len(answer.record.failed)
        if state.pages >= self._renewal.pages or answer.memory >= self._renewal.memory:
            self._engine.stop(worker)
            del self._workers[worker]

    def _died(self, worker: int, answer: Died) -> None:
        """Have its shard read again; then its sources one by one; then name the source."""
        shard = self._workers.pop(worker).shard
        self._in_a_row += 1
        if self._in_a_row >= HOPELESS_DEATHS:
            raise BackendError(
                f"{self._in_a_row} workers died one after the other: {answer.why}",
                "Give it fewer --workers or more memory, and run the same command again: it goes "
                "on where this one stopped.",
            )
        if shard is None:
            time.sleep(min(1.0, 0.05 * self._in_a_row))
            return
        counts = MACHINE if answer.blameless else 1
        deaths = self._deaths[shard.name] = self._deaths.get(shard.name, 0) + counts
        if deaths < 2:
            self._on_note(f"a worker died: {answer.why}; what it read is read again")
            self._todo.appendleft(shard)
        elif len(shard.sources) > 1:
            self._on_note(f"a worker died again: {answer.why}; its files are read one by one")
            alone = [Shard(shard.number, (source,)) for source in shard.sources]
            self.divided.append(shard)
            self._deaths |= {one.name: 1 for one in alone}
            self._todo.extendleft(reversed(alone))
        else:
            self._on_failure(shard, _deadly(shard.sources[0], answer.why))


def _deadly(source: str, why: str) -> Failure:
    error = InputError(
        f"{printable(source)} ends the worker that reads it: {why}",
        "Read it alone with `ocrx read`, on a machine with more memory.",
    )
    return Failure.of(source, error, again=True)
