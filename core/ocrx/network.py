"""Components made of a NetworkModel and a Session: the only place that knows both halves."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from ocrx.batching import Group, group
from ocrx.errors import PluginError
from ocrx.interfaces import Detector, NetworkModel, Orienter, Recognizer, Session
from ocrx.types import Image, Orientation, Region, Text, Used

R = TypeVar("R")


class Network(Generic[R]):
    """Runs pictures through a model on a session, in batches, as many at once as the session
    takes. Safe to share between threads."""

    def __init__(self, model: NetworkModel[R], session: Session, backend: str) -> None:
        self.model = model
        self.session = session
        self.used = Used(
            model.spec.task, model.spec.name, backend, session.device, session.precision
        )
        self._pool = (
            ThreadPoolExecutor(session.concurrency, thread_name_prefix=f"ocrx-{model.spec.task}")
            if session.concurrency > 1
            else None
        )

    def run(self, images: Sequence[Image]) -> list[R]:
        """A result for each picture, in order."""
        shapes = [self.model.shape(*image.shape[:2]) for image in images]
        groups = group(shapes, self.model.max_batch)
        results: dict[int, R] = {}
        apply = map if self._pool is None or len(groups) == 1 else self._pool.map
        for one, decoded in zip(
            groups, apply(lambda g: self._batch(images, g), groups), strict=True
        ):
            results.update(zip(one.indices, decoded, strict=True))
        return [results[index] for index in range(len(images))]

    def _batch(self, images: Sequence[Image], one: Group) -> list[R]:
        batch = self.model.encode([images[index] for index in one.indices], one.shape)
        decoded = self.model.decode(self.session.run(batch.feeds), batch)
        if len(decoded) != len(one.indices):
            raise PluginError(
                f"model {self.model.spec.name} decoded {len(decoded)} results "
                f"for {len(one.indices)} pictures",
                "Report it to the model's author.",
            )
        return decoded

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self.session.close()


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

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return self._network.run(crops)

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
