"""Components made of a NetworkModel and a Session: the only place that knows both halves."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from ocrx.batching import Group, group
from ocrx.errors import PluginError, SessionClosed
from ocrx.interfaces import Detector, NetworkModel, Orienter, Recognizer, Session
from ocrx.sessions import Runs, Sessions
from ocrx.types import Batch, Image, Orientation, Region, Tensor, Text, Used

R = TypeVar("R")


@dataclass(frozen=True)
class _Done(Generic[R]):
    """A batch's results, the nanoseconds it took, and those of them that decoding took."""

    results: list[R]
    worked: int
    decoding: int


class Novelty:
    """Says when it is time to give memory back: after FRESH shapes that were not among the KNOWN
    that were used last.

    Runtimes keep memory in pieces cut to shapes, and so does the C library: over pages of ever new
    sizes a process would go on growing. Where the same shapes come again, nothing is given back,
    for the next run would only have to ask for it anew.
    """

    KNOWN = 64
    FRESH = 16

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], None] = {}  # the one used last at the end
        self._fresh = 0
        self._lock = threading.Lock()

    def add(self, shapes: Sequence[tuple[int, ...]]) -> bool:
        """Take note of shapes that were run; whether it is time."""
        with self._lock:
            for shape in shapes:
                self._fresh += shape not in self._known
                self._known.pop(shape, None)
                self._known[shape] = None
            for oldest in list(self._known)[: -self.KNOWN]:
                del self._known[oldest]
            due = self._fresh >= self.FRESH
            if due:
                self._fresh = 0
            return due


class Network(Generic[R]):
    """Runs pictures through a model on its sessions, in batches, as many at once as they take.

    What a coarse precision leaves undecided is run again in fp32. Safe to share between threads.
    """

    def __init__(self, model: NetworkModel[R], sessions: Sessions, backend: str) -> None:
        self.model = model
        self._sessions = sessions
        session = sessions.main
        self.used = Used(
            model.spec.task, model.spec.name, backend, session.device, session.precision
        )
        self._last = threading.local()
        self._novelty = Novelty()
        self._pool = (
            ThreadPoolExecutor(session.concurrency, thread_name_prefix=f"ocrx-{model.spec.task}")
            if session.concurrency > 1
            else None
        )

    def run(self, images: Sequence[Image]) -> list[R]:
        """A result for each picture, in order."""
        shapes = [self.model.shape(*image.shape[:2]) for image in images]
        together = int(min(self.model.max_batch, self._sessions.main.batch))
        groups = group(shapes, together, self.model.max_area)
        results: dict[int, R] = {}
        worked = decoding = 0
        with self._sessions.take(len(groups)) as runs:
            batches = self._batches(runs, images, groups)
        for one, batch in zip(groups, batches, strict=True):
            results.update(zip(one.indices, batch.results, strict=True))
            worked += batch.worked
            decoding += batch.decoding
        self._last.decoding = decoding / worked if worked else 0.0
        limit = min(self.model.max_area, self.model.large_area)
        large = any(one.area > limit for one in groups)
        if self._novelty.add([(len(one.indices), *one.shape) for one in groups]) or large:
            self._sessions.release()
        return [results[index] for index in range(len(images))]

    def decoding(self) -> float:
        """The share of decoding in the work of this thread's last `run`, all batches together."""
        return float(getattr(self._last, "decoding", 0.0))

    def _batches(
        self, runs: Runs, images: Sequence[Image], groups: Sequence[Group]
    ) -> list[_Done[R]]:
        if self._pool is None or len(groups) < 2:
            return [self._batch(runs, images, one) for one in groups]
        try:
            running = [self._pool.submit(self._batch, runs, images, one) for one in groups]
        except RuntimeError as error:  # what a pool raises that was shut down
            raise SessionClosed("this network is closed", "Open a new one.") from error
        try:
            return [future.result() for future in running]
        finally:
            for future in running:
                future.cancel()

    def _batch(self, runs: Runs, images: Sequence[Image], one: Group) -> _Done[R]:
        started = time.perf_counter_ns()
        decoded, outputs, batch, decoding = self._once(runs.session, images, one)
        if runs.exact is not None:
            undecided = self.model.undecided(outputs, batch)
            again = Group(tuple(one.indices[index] for index in undecided), one.shape)
            if again.indices:
                exact, _, _, more = self._once(runs.exact(), images, again)
                decoding += more
                for index, result in zip(undecided, exact, strict=True):
                    decoded[index] = result
        return _Done(decoded, time.perf_counter_ns() - started, decoding)

    def _once(
        self, session: Session, images: Sequence[Image], one: Group
    ) -> tuple[list[R], Mapping[str, Tensor], Batch, int]:
        """The group's results, what they were decoded from, and the nanoseconds of decoding."""
        batch = self.model.encode([images[index] for index in one.indices], one.shape)
        outputs = self.model.infer(session.run, batch)
        inferred = time.perf_counter_ns()
        decoded = self.model.decode(outputs, batch)
        if len(decoded) != len(one.indices):
            raise PluginError(
                f"model {self.model.spec.name} decoded {len(decoded)} results "
                f"for {len(one.indices)} pictures",
                "Report it to the model's author.",
            )
        return decoded, outputs, batch, time.perf_counter_ns() - inferred

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._sessions.close()


class NetworkDetector(Detector):
    thread_safe = True

    def __init__(self, network: Network[list[Region]]) -> None:
        self._network = network
        self.used = (network.used,)

    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        return self._network.run(pages)

    def close(self) -> None:
        self._network.close()


class NetworkRecognizer(Recognizer):
    thread_safe = True

    def __init__(self, network: Network[Text]) -> None:
        self._network = network
        self.used = (network.used,)
        self.charset = network.model.charset

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return self._network.run(crops)

    def decoding(self) -> float:
        return self._network.decoding()

    def close(self) -> None:
        self._network.close()


class NetworkOrienter(Orienter):
    thread_safe = True

    def __init__(self, network: Network[Orientation]) -> None:
        self._network = network
        self.used = (network.used,)

    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        return self._network.run(crops)

    def close(self) -> None:
        self._network.close()
