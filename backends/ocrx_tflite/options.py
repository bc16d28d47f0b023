"""What a user may set of the TFLite backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TfliteOptions:
    """`memory_mb` is roughly how many megabytes a session may spend on interpreters for sizes it
    has seen and may meet again. 0 means a quarter of the machine's memory, at most 1024."""

    memory_mb: int = 0
