"""How many processors this process may use."""

from __future__ import annotations

import os


def available_cpus() -> int:
    """The processors that the scheduler gives this process: in a container, often not all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
