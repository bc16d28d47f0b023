"""Predicting how long a run will still take, from the time of its steps so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import mean

from ocrx.bench.run.log import Log


class Forecast:
    """Predicts the time left. A cell is prepared, opened, read in `rounds` rounds, and in
    `together` rounds of all pictures together."""

    def __init__(self, rounds: int, together: int) -> None:
        self._steps = {"prepare": 1, "open": 1, "round": rounds, "together": together}
        self._took: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def took(self, key: str, what: str, seconds: float) -> None:
        self._took[what][key].append(seconds)

    def state(self, logs: Mapping[str, Log]) -> tuple[int, int, float | None]:
        """Steps done, steps in all, and the seconds left, None until a first cell is open."""
        total = sum(self._steps.values()) * len(logs)
        waiting = 0
        left: float | None = 0.0
        for key, log in logs.items():
            for what, count in _left(log, self._steps).items():
                waiting += count
                expected = self._expected(key, what)
                if count:
                    left = None if left is None or expected is None else left + count * expected
        return total - waiting, total, left

    def _expected(self, key: str, what: str) -> float | None:
        """The seconds that a step should take: what it took in this cell before, or in others."""
        took = self._took[what]
        if key in took:
            return mean(took[key])
        if took:
            return mean(seconds for one in took.values() for seconds in one)
        # Opening includes warming up, which reads a small set about three times and most of a
        # large one once.
        opened = self._took["open"]
        if what in ("round", "together") and opened:
            return mean(seconds for one in opened.values() for seconds in one) / 2
        return None


def _left(log: Log, steps: Mapping[str, int]) -> dict[str, int]:
    if log.end is not None:
        return {}
    done = {
        "prepare": int(log.prepared is not None),
        "open": min(1, len(log.opened)),
        "round": len(log.rounds),
        "together": len(log.together),
    }
    return {what: max(0, count - done[what]) for what, count in steps.items()}
