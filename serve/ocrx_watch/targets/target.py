"""What a target of messages is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from ocrx_watch.messages import Message


class Unavailable(Exception):
    """The target takes nothing now; the same message may be sent again later. `retry_after` is in
    seconds, 0 if nobody knows."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Refused(Exception):
    """The target will never take this message."""


class Target(ABC):
    """Takes messages, in their order. It is used by one thread at a time."""

    name: str
    """As it may be shown, without secrets."""

    @abstractmethod
    def send(self, messages: Sequence[Message]) -> Iterator[None]:
        """Sends messages; yields after each that has arrived. Raises Unavailable, or Refused of the
        message that is next."""

    def close(self) -> None:
        """Ends the connection."""
        return
