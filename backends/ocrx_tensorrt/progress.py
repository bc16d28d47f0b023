"""How far a build is, for a person: TensorRT's phases within phases as one fraction."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from ocrx.interfaces.conversion import Progress


@dataclass
class _Phase:
    """`share` of the whole, from `start` on, is this phase's; `done` of its `steps` are over."""

    start: float
    share: float
    steps: int
    done: int = 0

    def reached(self) -> float:
        return self.start + self.share * self.done / self.steps


class BuildProgress:
    """Told of phases and steps from TensorRT's threads; tells `report` of all that is news.

    `error` is what `report` raised, Ctrl-C among it: it must not reach TensorRT, which is asked to
    stop instead.
    """

    def __init__(self, report: Progress) -> None:
        self._report = report
        self._phases: dict[str, _Phase] = {}
        self._reached = 0.0
        self._lock = threading.Lock()
        self.error: BaseException | None = None

    def phase_start(self, name: str, parent: str | None, steps: int) -> None:
        with self._lock:
            above = self._phases.get(parent or "")
            if above is None:
                phase = _Phase(0.0, 1.0, max(1, steps))
            else:
                phase = _Phase(above.reached(), above.share / above.steps, max(1, steps))
            self._phases[name] = phase

    def step_complete(self, name: str, step: int) -> bool:
        """Whether to go on."""
        with self._lock:
            phase = self._phases.get(name)
            if phase is not None:
                phase.done = min(max(phase.done, step + 1), phase.steps)
                self._tell(phase.reached(), name)
            return self.error is None

    def phase_finish(self, name: str) -> None:
        with self._lock:
            self._phases.pop(name, None)

    def _tell(self, reached: float, what: str) -> None:
        """Not of every step: a network has thousands."""
        if reached < self._reached + 0.01 or self.error is not None:
            return
        self._reached = reached
        try:
            self._report(min(reached, 1.0), what)
        # Whatever it is, it is raised again once TensorRT has returned.
        except BaseException as error:
            self.error = error


def monitor_of(module: Any, progress: BuildProgress) -> Any:
    """`progress` as TensorRT wants it: an object of its own class, known only now."""
    methods = {
        "phase_start": lambda _, name, parent, steps: progress.phase_start(name, parent, steps),
        "step_complete": lambda _, name, step: progress.step_complete(name, step),
        "phase_finish": lambda _, name: progress.phase_finish(name),
    }
    return type("Monitor", (module.IProgressMonitor,), methods)()
