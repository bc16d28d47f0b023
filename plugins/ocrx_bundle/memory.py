"""Whether the networks of a bundle fit into the memory of a target."""

from __future__ import annotations

from collections.abc import Mapping

from ocrx.errors import UsageError
from ocrx_bundle.networks import Packed
from ocrx_bundle.targets import Target

MIB = 2**20

COPIES = 2
"""A network's weights are in memory at most so often while it is opened: as the file, and as the
runtime lays them out."""

LEAST_WORKSPACE = 64
"""With less (MiB), a builder leaves out the fast ways to compute a convolution."""


def workspace(target: Target, packed: Mapping[str, Packed], sizes: Mapping[str, int]) -> int:
    """The MiB that a builder of engines may use on the target; 0 for one that needs no builder.

    `sizes` are the networks' files in bytes. Counted are weights and, at the largest input, what
    lies between the operations of the network that needs most. Raises UsageError if that is more
    than the target has.
    """
    if target.memory_mb is None:
        return 0
    peaks = {task: one.bounds[1].peak for task, one in packed.items() if one.bounds}
    needed = (COPIES * sum(sizes.values()) + max(peaks.values(), default=0)) / MIB
    free = target.memory_mb - target.reserved_mb
    least = LEAST_WORKSPACE if target.workspace_mb else 0
    if needed + least > free:
        raise UsageError(
            f"the memory of {target.name} does not suffice: the networks need about "
            f"{needed + least:.0f} MiB, and of its {target.memory_mb} MiB {free} are free",
            "Choose a smaller model, such as paddle:v6-tiny, or lower --set detector.max_side.",
        )
    return int(min(target.workspace_mb, free - needed))
