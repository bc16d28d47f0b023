"""What every engine is: workers that are given shards, and answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

from ocrx.errors import OcrxError
from ocrx.plugins.settings import Settings


@dataclass(frozen=True)
class Job:
    """What each worker must know. `reader` holds arguments of Reader but its options, which are
    `settings`. `form` is the format, whose writer has `for_writer`. A worker that has not finished
    a page for `page_seconds` ends itself; it has `cpus` processors."""

    reader: Mapping[str, Any]
    settings: Settings
    form: str
    for_writer: Settings
    output: str
    page_seconds: float
    cpus: int


@dataclass(frozen=True)
class Shard:
    """Sources that one worker reads, and whose result appears as a whole. `number` is its place
    among all."""

    number: int
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """The same for the same sources at the same place, in every run: so a shard that is read
        twice is still there once."""
        told = "\0".join(self.sources).encode("utf-8", "surrogatepass")
        return f"{self.number:06}-{sha256(told).hexdigest()[:8]}"


@dataclass(frozen=True)
class Failure:
    """A picture that could not be read. `again` says that its source has to be read again by the
    next run: the error may pass, and nothing of the source was written."""

    source: str
    type: str
    message: str
    remedy: str
    again: bool = False

    @classmethod
    def of(cls, source: str, error: OcrxError, again: bool = False) -> Failure:
        """The failure that an error tells of."""
        return cls(source, type(error).__name__, error.message, error.remedy, again)


@dataclass(frozen=True)
class Record:
    """What is known of a shard that was written."""

    sources: Sequence[str]
    pages: int
    failed: Sequence[Failure] = ()


@dataclass(frozen=True)
class Ready:
    """The answer of a worker that has started."""


@dataclass(frozen=True)
class Done:
    """The answer of a worker that has written a shard. `memory` is what it holds, in bytes."""

    shard: Shard
    record: Record
    memory: int


@dataclass(frozen=True)
class Died:
    """What is told of a worker that ended without an answer. `blameless`: the machine went."""

    why: str
    blameless: bool = False


Answer: TypeAlias = Ready | Done | Died | OcrxError


class Engine(ABC):
    """Starts workers somewhere. A worker is known by its number, and has one shard at a time."""

    workers: int
    """How many there should be."""

    @abstractmethod
    def start(self) -> int:
        """Begin to start a worker, which will answer Ready."""

    @abstractmethod
    def give(self, worker: int, shard: Shard) -> None:
        """Have it read. It will answer Done, or an OcrxError that other shards would meet too."""

    @abstractmethod
    def answers(self) -> Sequence[tuple[int, Answer]]:
        """The next answers, as soon as there is one; none after some time without. A worker that
        Died need not be stopped."""

    @abstractmethod
    def stop(self, worker: int) -> None:
        """End a worker, whatever it does."""

    @abstractmethod
    def close(self) -> None:
        """End all."""
