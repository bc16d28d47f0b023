"""A pool of resources that are expensive to make and cannot be shared between threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, NoReturn, TypeVar

from ocrx.errors import SessionClosed

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Pool(Generic[K, V]):
    """Lends each caller a resource of the kind it asks for, at most `concurrency` at once.

    Returned resources are kept as long as they cost no more than `budget` together; beyond that,
    those used longest ago are dropped. The one returned last is always kept.
    """

    def __init__(
        self, make: Callable[[K], V], cost: Callable[[V], int], concurrency: int, budget: int
    ) -> None:
        self._make = make
        self._cost = cost
        self._concurrency = concurrency
        self._budget = budget
        self._free: list[tuple[K, V]] = []  # the most recently used is last
        self._busy = 0
        self._closed = False
        self._change = threading.Condition()

    @contextmanager
    def take(self, kind: K) -> Iterator[V]:
        """Lend a resource while the block runs. Raises SessionClosed, and whatever `make` does."""
        thing = self._find(kind)
        try:
            if thing is None:
                thing = self._make(kind)
            yield thing
        finally:
            self._give_back(kind, thing)

    def release(self) -> None:
        """Drop what is kept, unless something is lent."""
        with self._change:
            if not self._busy:
                self._free.clear()

    def close(self) -> None:
        """Drop what is kept, and what is lent once it is returned."""
        with self._change:
            self._closed = True
            self._make = _refuse  # frees what the old `make` held
            self._free.clear()
            self._change.notify_all()

    def _find(self, kind: K) -> V | None:
        with self._change:
            self._change.wait_for(lambda: self._busy < self._concurrency or self._closed)
            if self._closed:
                _refuse(kind)
            self._busy += 1
            for at in range(len(self._free) - 1, -1, -1):
                if self._free[at][0] == kind:
                    return self._free.pop(at)[1]
        return None

    def _give_back(self, kind: K, thing: V | None) -> None:
        with self._change:
            self._busy -= 1
            if thing is not None and not self._closed:
                self._free.append((kind, thing))
                total = sum(self._cost(kept) for _, kept in self._free)
                while total > self._budget and len(self._free) > 1:
                    total -= self._cost(self._free.pop(0)[1])
            self._change.notify()


def _refuse(kind: object) -> NoReturn:
    raise SessionClosed("this session is closed", "Open a new one.")
