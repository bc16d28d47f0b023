"""What a user may set of the TFLite backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TfliteOptions:
    """`memory_mb` is roughly the megabytes that a session may spend on keeping interpreters for
    sizes it has seen. 0 means a quarter of the machine's memory, at most 256."""

    memory_mb: int = 0
