"""Lets so many requests in, and tells the others when to come again."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ocrx_serve.problems import Busy

SMOOTH = 0.2
"""The weight of the latest request in the mean of their times."""


class Admission:
    """At most `most` requests at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._mean = 1.0
        self.inside = 0
        """How many are read or wait."""

    @property
    def full(self) -> bool:
        """Whether nobody else is let in now."""
        return self.inside >= self._most

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """A place among those inside. Raises Busy if there is none; whoever comes again after the
        mean time of a request finds some of them gone."""
        if self.full:
            raise Busy(min(60, math.ceil(self._mean)))
        self.inside += 1
        started = time.monotonic()
        try:
            yield
        finally:
            self.inside -= 1
            self._mean += SMOOTH * (time.monotonic() - started - self._mean)
