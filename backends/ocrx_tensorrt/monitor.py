"""Progress of a build: TensorRT reports nested phases, which become one fraction."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from ocrx.interfaces.conversion import Progress


@dataclass
class _Phase:
    """A phase of the build. It covers `share` of the whole, from `start` on, in `steps` steps, of
    which `done` are finished. `start` and `share` are fractions of 1."""

    start: float
    share: float
    steps: int
    done: int = 0

    def reached(self) -> float:
        return self.start + self.share * self.done / self.steps


class PhaseTracker:
    """Turns the phases and steps that TensorRT reports, from its own threads, into calls of
    `progress`.

    An exception that `progress` raises, such as KeyboardInterrupt, must not reach TensorRT. It is
    kept in `error`, and TensorRT is asked to stop.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
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
        """Note that a step is finished. Returns whether the build may go on."""
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
        """Report, but only every hundredth: a network has thousands of steps."""
        if reached < self._reached + 0.01 or self.error is not None:
            return
        self._reached = reached
        try:
            self._progress(min(reached, 1.0), what)
        # Whatever it is, it is raised again once TensorRT has returned.
        except BaseException as error:
            self.error = error


def monitor_of(module: Any, tracker: PhaseTracker) -> Any:
    """A TensorRT progress monitor that forwards to `tracker`. Its base class is in `module`, so it
    is made here."""
    methods = {
        "phase_start": lambda _, name, parent, steps: tracker.phase_start(name, parent, steps),
        "step_complete": lambda _, name, step: tracker.step_complete(name, step),
        "phase_finish": lambda _, name: tracker.phase_finish(name),
    }
    return type("Monitor", (module.IProgressMonitor,), methods)()
