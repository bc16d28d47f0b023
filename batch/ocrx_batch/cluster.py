"""Workers that are actors of a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from math import floor, inf
from typing import Any

from ocrx.errors import BackendError, BackendMissing
from ocrx_batch.engine import Answer, Died, Engine, Job, Ready, Shard
from ocrx_batch.reading import ShardReader
from ocrx_cli.terminal.console import note

PATIENCE = 5.0
"""Seconds without an answer after which there is none."""


class RayWorker:
    """What the actor is of: reads shards as a process of this machine does."""

    def __init__(self, job: Job) -> None:
        import cv2

        cv2.setNumThreads(job.cpus)
        self._reading = ShardReader(job)

    def ready(self) -> Ready:
        """Say that it has started."""
        return Ready()

    def read(self, shard: Shard) -> Answer:
        """Read a shard."""
        try:
            return self._reading.read(shard)
        # A bug in whatever reads. It may be the picture that brings it to light.
        except Exception as error:
            return Died(f"it met {type(error).__name__}: {error}")


class RayEngine(Engine):
    """Starts actors with so many processors and GPUs each: `workers` of them, or as many as the
    cluster at `address` has room for. None starts Ray here, unless RAY_ADDRESS names a cluster.

    Raises BackendMissing without Ray, BackendError if the cluster cannot be reached.
    """

    def __init__(
        self, job: Job, workers: int | None, address: str | None, cpus: int, gpus: float
    ) -> None:
        try:
            import ray
        except ImportError as error:
            raise BackendMissing(
                f"--engine ray needs Ray, which cannot be imported ({error})",
                "pip install 'ocrx[ray]'",
            ) from error
        self._ray: Any = ray
        self._began = not ray.is_initialized()
        if self._began:
            try:
                ray.init(address=address, log_to_driver=False, logging_level="error")
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise BackendError(
                    f"the Ray cluster {address or ''} cannot be reached: {error}",
                    "Check --address with `ray status --address ADDRESS`.",
                ) from error
        places = room(ray.nodes(), cpus, gpus)
        if not places:
            note(
                f"no node of the cluster has --cpus {cpus} and --num-gpus {gpus:g} for a worker: "
                "waiting for one that has"
            )
        self.workers = workers or max(1, places)
        self._actor: Any = ray.remote(RayWorker).options(num_cpus=cpus, num_gpus=gpus)
        self._job: Any = ray.put(job)
        self._numbers = count()
        self._actors: dict[int, Any] = {}
        self._waiting: dict[Any, int] = {}

    def start(self) -> int:
        number = next(self._numbers)
        actor = self._actors[number] = self._actor.remote(self._job)
        self._waiting[actor.ready.remote()] = number
        return number

    def give(self, worker: int, shard: Shard) -> None:
        self._waiting[self._actors[worker].read.remote(shard)] = worker

    def answers(self) -> Sequence[tuple[int, Answer]]:
        told, _ = self._ray.wait([*self._waiting], num_returns=1, timeout=PATIENCE)
        return [self._heard(reference) for reference in told]

    def stop(self, worker: int) -> None:
        self._ray.kill(self._actors.pop(worker))
        self._waiting = {ref: number for ref, number in self._waiting.items() if number != worker}

    def close(self) -> None:
        for worker in [*self._actors]:
            self.stop(worker)
        if self._began:
            self._ray.shutdown()

    def _heard(self, reference: Any) -> tuple[int, Answer]:
        worker = self._waiting.pop(reference)
        try:
            answer: Answer = self._ray.get(reference)
        except self._ray.exceptions.RayActorError as error:
            answer = _death(error)
        if isinstance(answer, Died):
            self.stop(worker)
        return worker, answer


def _death(error: Any) -> Died:
    """Why an actor died. Ray says in words alone that its node did."""
    if error.preempted or "its node has died" in str(error):
        return Died("its node went", blameless=True)
    if "creation task" in str(error):
        return Died(f"it cannot start: {str(error).strip().splitlines()[-1]}")
    return Died("its process ended, as it does when memory runs out")


def room(nodes: Iterable[Mapping[str, Any]], cpus: int, gpus: float) -> int:
    """How many actors the nodes of a cluster have room for."""
    return sum(
        floor(min(there.get("CPU", 0) / cpus, there.get("GPU", 0) / gpus if gpus else inf))
        for there in (node["Resources"] for node in nodes if node["Alive"])
    )
