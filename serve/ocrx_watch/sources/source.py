"""What a source of pictures is."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ocrx.errors import OcrxError
from ocrx.reading.pictures import Picture


@dataclass(frozen=True)
class Moment:
    """Where and when a frame was taken. `number` counts the frames of the source from 0, those that
    are not read too. `page` is its place in a document. `taken` is in seconds since 1970,
    `position` in seconds from the start of a video."""

    source: str
    number: int
    page: int
    taken: float
    position: float | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture, and its moment. `arrived` is when it could be read, by the monotonic clock."""

    picture: Picture
    moment: Moment
    arrived: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Unread:
    """A picture that could not be opened."""

    name: str
    error: OcrxError


@dataclass(frozen=True)
class Lost:
    """A source that gives nothing any more, and is looked for."""

    name: str
    error: OcrxError


@dataclass(frozen=True)
class Back:
    """A source that was lost, and gives frames again after so many seconds."""

    name: str
    seconds: float


Arrival: TypeAlias = Frame | Unread | Lost | Back


class Source(ABC):
    """Frames as they come."""

    live: bool = False
    """Whether frames pass that are not taken at once."""

    moving: bool = True
    """Whether one object is on several frames."""

    left: int = 0
    """How many frames are there that were not read, once it has ended."""

    @abstractmethod
    def frames(self, stop: threading.Event) -> Iterator[Arrival]:
        """Each frame, until the source ends or `stop` is set. Raises InputError if the source
        breaks."""
