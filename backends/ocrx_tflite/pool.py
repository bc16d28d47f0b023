"""Things that are dear to make and cannot be shared by threads, kept for the next who needs one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, NoReturn, TypeVar

from ocrx.errors import SessionClosed

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Pool(Generic[K, V]):
    """Gives each caller a thing of the kind it asks for, at most `concurrency` of them at once.

    Those that come back are kept while all together cost no more than `budget`; of more, those used
    longest ago go. The last to come back is always kept.
    """

    def __init__(
        self, make: Callable[[K], V], cost: Callable[[V], int], concurrency: int, budget: int
    ) -> None:
        self._make = make
        self._cost = cost
        self._concurrency = concurrency
        self._budget = budget
        self._free: list[tuple[K, V]] = []  # the one used last at the end
        self._busy = 0
        self._closed = False
        self._change = threading.Condition()

    @contextmanager
    def take(self, kind: K) -> Iterator[V]:
        """Raises SessionClosed, and what `make` does."""
        thing = self._find(kind)
        try:
            if thing is None:
                thing = self._make(kind)
            yield thing
        finally:
            self._give_back(kind, thing)

    def release(self) -> None:
        """Let go of what is kept, if nothing is in anyone's hands."""
        with self._change:
            if not self._busy:
                self._free.clear()

    def close(self) -> None:
        """What is in someone's hands goes when it comes back."""
        with self._change:
            self._closed = True
            self._make = _refuse  # what it makes things from is not needed any more
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
