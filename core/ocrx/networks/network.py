"""Components made of a NetworkModel and a Session: the only place that knows both halves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from typing import Generic, TypeAlias, TypeVar

from ocrx.errors import PluginError, SessionClosed, plugin_errors
from ocrx.interfaces.components import Detector, Orienter, Recognizer
from ocrx.interfaces.networks import NetworkModel
from ocrx.networks.batching import Group, Shape, group
from ocrx.networks.parts import COARSE, Opened, SessionsRun, by_part
from ocrx.networks.sessions import Sessions
from ocrx.system.memory import trim_memory
from ocrx.types import Batch, Image, Orientation, Region, Tensor, Text, Used

R = TypeVar("R")
S = TypeVar("S")

Finish: TypeAlias = Callable[[Mapping[str, Tensor], Batch, bool], tuple[list[S], list[int]]]
"""Turns a batch's outputs into results, and lists the undecided ones by their index in the batch.
The last parameter says whether the outputs are of a coarse precision; otherwise none is."""


@dataclass(frozen=True)
class _Done(Generic[R]):
    """The results of some pictures, the indices of the undecided ones, and the time of the work and
    of its decoding, in nanoseconds."""

    results: list[R]
    undecided: list[int]
    worked: int
    decoding: int


class Novelty:
    """Decides when to give memory back to the system.

    It is time before an input that is larger than any since the last time, and after FRESH shapes
    that were not among the `known` most recent ones.

    Runtimes and the C library keep blocks of memory that fit the shapes so far, so a process that
    reads pages of ever new sizes would keep growing. Blocks that are too small for a larger input
    would stay beside new ones; releasing them first saves a third of the memory. If the same
    shapes recur nothing is released, because the next run would have to allocate it again.
    """

    KNOWN = 64
    FRESH = 8

    def __init__(self, known: int = KNOWN) -> None:
        self._most = known
        self._known: dict[tuple[int, ...], None] = {}  # the one used last at the end
        self._fresh = 0
        self._largest = inf
        self._lock = threading.Lock()

    def outgrows(self, area: int) -> bool:
        """Record an input of `area` pixels before it is run. Returns whether to release memory."""
        with self._lock:
            outgrows = area > self._largest
            self._largest = area if self._largest == inf else max(area, self._largest)
            return outgrows

    def given_back(self) -> None:
        """Record that all memory was given back."""
        with self._lock:
            self._largest = inf

    def add(self, shapes: Sequence[tuple[int, ...]]) -> tuple[bool, bool]:
        """Record shapes that were run: whether one was new, and whether to release memory."""
        with self._lock:
            before = self._fresh
            for shape in shapes:
                self._fresh += shape not in self._known
                self._known.pop(shape, None)
                self._known[shape] = None
            for oldest in list(self._known)[: -self._most]:
                del self._known[oldest]
            fresh, due = self._fresh > before, self._fresh >= self.FRESH
            if due:
                self._fresh = 0
            return fresh, due


class Network(Generic[R]):
    """Runs pictures through a model on its sessions, in concurrent batches.

    Pictures that a coarse precision leaves undecided are run again in fp32. `owner` is how errors
    refer to the component. Threads may share it. `run` and its variants raise PluginError if the
    model misbehaves, what the runtime raises, and SessionClosed after `close`.
    """

    def __init__(
        self, model: NetworkModel[R], sessions: Sessions, backend: str, owner: str = ""
    ) -> None:
        self.model = model
        self._sessions = sessions
        self.model_name = f"model {model.spec.name!r}{owner and ' of '}{owner}"
        self._runtime_name = f"the runtime {backend!r}, running {self.model_name},"
        session = sessions.main
        self.used = tuple(
            Used(
                model.spec.task,
                model.spec.networks[part].name,
                backend,
                each.device,
                each.precision,
            )
            for part, each in by_part(session).items()
        )
        self._novelty = Novelty()
        self._closed = False
        self._pool = (
            ThreadPoolExecutor(session.concurrency, thread_name_prefix=f"ocrx-{model.spec.task}")
            if session.concurrency > 1
            else None
        )

    def run(self, images: Sequence[Image]) -> list[R]:
        """The model's result for each picture, in order."""
        return self.run_timed(images)[0]

    def run_timed(self, images: Sequence[Image]) -> tuple[list[R], float]:
        """The results of `run`, and the fraction of the work, 0 to 1, that was spent decoding."""
        return self.run_and(self._decode, images)

    def _decode(
        self, outputs: Mapping[str, Tensor], batch: Batch, coarse: bool
    ) -> tuple[list[R], list[int]]:
        with plugin_errors(f"{self.model_name}, decoding outputs,"):
            undecided = self.model.undecided(outputs, batch) if coarse else []
            return self.model.decode(outputs, batch), undecided

    def run_and(self, finish: Finish[S], images: Sequence[Image]) -> tuple[list[S], float]:
        """The result of `finish` for each picture, in order, and the fraction of the work, 0 to 1,
        that was spent in `finish`."""
        shapes = [self.model.shape(*image.shape[:2]) for image in images]
        groups = self._groups(shapes)
        if self._novelty.outgrows(max((one.area for one in groups), default=0)):
            self._sessions.release()
        with self._sessions.take(len(groups)) as session:
            done = [self._pass(finish, session, images, groups)]
        results, undecided = done[0].results, done[0].undecided
        exact = self._sessions.exact() if undecided else None
        if exact is not None:
            again = self._groups([shapes[index] for index in undecided])
            done.append(self._pass(finish, exact, [images[i] for i in undecided], again))
            for index, result in zip(undecided, done[1].results, strict=True):
                results[index] = result
        worked = sum(one.worked for one in done)
        decoding = sum(one.decoding for one in done) / worked if worked else 0.0
        limit = min(self.model.max_area, self.model.large_area)
        large = any(one.area > limit for one in groups)
        fresh, due = self._novelty.add([(len(one.indices), *one.shape) for one in groups])
        if due or large:
            self.release()
        elif fresh:
            trim_memory()  # planning for a shape frees nearly all that it takes
        return results, decoding

    def release(self) -> None:
        """Give back memory that is kept only so that the next run starts faster."""
        self._sessions.release()
        self._novelty.given_back()

    def _groups(self, shapes: Sequence[Shape]) -> list[Group]:
        together = int(min(self.model.max_batch, self._sessions.main.batch))
        return group(shapes, together, self.model.max_area)

    def _pass(
        self,
        finish: Finish[S],
        session: Opened,
        images: Sequence[Image],
        groups: Sequence[Group],
    ) -> _Done[S]:
        """Run each group once, as many at a time as the session takes."""
        results: dict[int, S] = {}
        undecided: list[int] = []
        worked = decoding = 0
        for one, batch in zip(groups, self._batches(finish, session, images, groups), strict=True):
            results.update(zip(one.indices, batch.results, strict=True))
            undecided += [one.indices[index] for index in batch.undecided]
            worked += batch.worked
            decoding += batch.decoding
        return _Done([results[i] for i in range(len(images))], undecided, worked, decoding)

    def _batches(
        self,
        finish: Finish[S],
        session: Opened,
        images: Sequence[Image],
        groups: Sequence[Group],
    ) -> list[_Done[S]]:
        def work(one: Group) -> _Done[S]:
            return self._batch(finish, session, images, one)

        if self._pool is None or len(groups) < 2:
            return [work(one) for one in groups]
        try:
            running = [self._pool.submit(work, one) for one in groups]
        except RuntimeError as error:
            if not self._closed:  # the system gives no more threads
                raise
            raise SessionClosed("this network is closed", "Open a new one.") from error
        try:
            return [future.result() for future in running]
        finally:
            for future in running:
                future.cancel()

    def _batch(
        self, finish: Finish[S], session: Opened, images: Sequence[Image], one: Group
    ) -> _Done[S]:
        started = time.perf_counter_ns()
        with plugin_errors(f"{self.model_name}, encoding pictures,"):
            batch = self.model.encode([images[index] for index in one.indices], one.shape)
        with plugin_errors(f"{self.model_name}, feeding its network,"):
            outputs = self.model.infer(SessionsRun(session, self._runtime_name), batch)
        inferred = time.perf_counter_ns()
        decoded, undecided = finish(outputs, batch, session.precision in COARSE)
        ended = time.perf_counter_ns()
        if len(decoded) != len(one.indices):
            raise PluginError(
                f"{self.model_name} decoded {len(decoded)} results for {len(one.indices)} pictures",
                "Report it to the model's author.",
            )
        return _Done(decoded, undecided, ended - started, ended - inferred)

    def close(self) -> None:
        """Close the sessions, once the calls under way are done."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown()
        self._sessions.close()


class NetworkDetector(Detector):
    """A detector whose model gives lists of regions."""

    thread_safe = True

    def __init__(self, network: Network[list[Region]]) -> None:
        self._network = network
        self.used = network.used

    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        return self._network.run(pages)

    def close(self) -> None:
        self._network.close()


class NetworkRecognizer(Recognizer):
    """A recogniser whose model gives texts, without a decoder."""

    thread_safe = True

    def __init__(self, network: Network[Text]) -> None:
        self._network = network
        self.used = network.used
        self.charset = network.model.charset
        self.cut = network.model.cut

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return self._network.run(crops)

    def recognize_timed(self, crops: Sequence[Image]) -> tuple[list[Text], float]:
        return self._network.run_timed(crops)

    def close(self) -> None:
        self._network.close()


class NetworkOrienter(Orienter):
    """An orienter whose model gives orientations."""

    thread_safe = True

    def __init__(self, network: Network[Orientation]) -> None:
        self._network = network
        self.used = network.used

    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        return self._network.run(crops)

    def close(self) -> None:
        self._network.close()
