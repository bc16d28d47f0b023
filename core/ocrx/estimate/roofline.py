"""The roofline of a network on a device, layer by layer.

S. Williams, A. Waterman, D. Patterson: Roofline, an insightful visual performance model for
multicore architectures, Communications of the ACM 52(4), 2009. A layer takes at least as long as
its arithmetic at the device's peak, and at least as long as its traffic at the memory's bandwidth.
The network takes at least the sum over its layers.

To stay a lower bound, the best possible runtime is assumed. It does everything in one pass that can
share one (see `interfaces.inspection.Role`). It finds a cacheful of what a layer reads in the cache
and leaves a cacheful of what it writes there. The bound does not hold for algorithms with fewer
multiplications than the direct one, such as Winograd's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ocrx.errors import PrecisionUnavailable
from ocrx.estimate.devices import Device
from ocrx.interfaces.inspection import Graph, Operation, Shape
from ocrx.names import Precision

BYTES: Mapping[Precision, int] = {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1}


@dataclass(frozen=True)
class Layer:
    """Operations done in one pass.

    `reads`, `weights`, `writes`, `moved` and `live` are bytes: `moved` is the traffic between
    device and memory, `live` the activations that exist while the layer runs.
    """

    name: str
    kinds: tuple[str, ...]
    shape: Shape
    macs: int
    operations: int
    reads: int
    weights: int
    writes: int
    moved: int
    live: int
    compute_ms: float
    memory_ms: float

    @property
    def ms(self) -> float:
        return max(self.compute_ms, self.memory_ms)

    @property
    def binds(self) -> Literal["compute", "memory"]:
        return "compute" if self.compute_ms >= self.memory_ms else "memory"


@dataclass(frozen=True)
class Estimate:
    """A lower bound of a network's time. `weights` is the bytes of all constants, each counted
    once; `uncounted` names the kinds of operations whose arithmetic is not in it."""

    device: Device
    precision: Precision
    layers: tuple[Layer, ...]
    weights: int
    uncounted: tuple[str, ...]

    @property
    def ms(self) -> float:
        return sum(layer.ms for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def operations(self) -> int:
        return sum(layer.operations for layer in self.layers)

    @property
    def moved(self) -> int:
        return sum(layer.moved for layer in self.layers)

    @property
    def peak(self) -> int:
        """The most bytes of activations that exist at once."""
        return max((layer.live for layer in self.layers), default=0)

    @property
    def binds(self) -> Literal["compute", "memory"]:
        """What limits the layers that take most of the time."""
        computing = sum(layer.ms for layer in self.layers if layer.binds == "compute")
        return "compute" if 2 * computing >= self.ms else "memory"

    def dearest(self, count: int) -> list[Layer]:
        """The `count` slowest layers, the slowest first."""
        return sorted(self.layers, key=lambda layer: -layer.ms)[:count]


@dataclass
class _Pass:
    """Operations that share a pass over their data."""

    head: Operation
    members: list[Operation] = field(default_factory=list)


def estimate(graph: Graph, device: Device, precision: Precision) -> Estimate:
    """The least time that `graph` takes on `device`.

    Raises PrecisionUnavailable if the device has no figure for the precision.
    """
    if precision not in device.tflops:
        raise PrecisionUnavailable(
            f"{device.label} has no figure for {precision}",
            f"Choose one of: {', '.join(device.tflops)}.",
        )
    return _Estimator(graph, device, precision).estimate()


class _Estimator:
    def __init__(self, graph: Graph, device: Device, precision: Precision) -> None:
        self._graph = graph
        self._device = device
        self._precision = precision
        self._passes: list[_Pass] = []
        self._maker: dict[str, int] = {}
        """The pass that makes a tensor, by the tensor's name."""
        self._parts: dict[str, tuple[str, ...]] = {}
        """The tensors that hold the memory of a view or join, by its name."""

    def estimate(self) -> Estimate:
        self._group()
        last = self._last_uses()
        layers, live = [], {name for name in self._graph.inputs if name in last}
        for index, one in enumerate(self._passes):
            reads, weights, writes = self._traffic(one, last, index)
            live |= writes
            alive = sum(map(self._bytes, live))
            layers.append(self._layer(one, reads, weights, writes, alive))
            live = {name for name in live if last[name] > index}
        constants = {name for one in self._graph.operations for name in one.weights}
        return Estimate(
            self._device,
            self._precision,
            tuple(layers),
            sum(map(self._bytes, constants)),
            self._graph.uncounted,
        )

    def _group(self) -> None:
        """Put each follower into the latest pass that makes one of its inputs: by then the others
        exist."""
        for one in self._graph.operations:
            if one.role in ("view", "join"):
                for name in one.writes:
                    self._parts[name] = tuple(p for r in one.reads for p in self._memory(r))
                continue
            makers = [self._maker.get(p, -1) for r in one.reads for p in self._memory(r)]
            latest = max(makers, default=-1)
            if one.role == "layer" or latest < 0:
                latest = len(self._passes)
                self._passes.append(_Pass(one))
            self._passes[latest].members.append(one)
            self._maker.update(dict.fromkeys(one.writes, latest))

    def _memory(self, name: str) -> tuple[str, ...]:
        return self._parts.get(name, (name,))

    def _last_uses(self) -> dict[str, int]:
        """The last pass that reads each tensor from another pass or from outside, by its name."""
        last: dict[str, int] = {}
        for index, one in enumerate(self._passes):
            for member in one.members:
                for read in member.reads:
                    for name in self._memory(read):
                        if self._maker.get(name, -1) != index:
                            last[name] = index
        for output in self._graph.outputs:
            last.update(dict.fromkeys(self._memory(output), len(self._passes)))
        return last

    def _traffic(
        self, one: _Pass, last: Mapping[str, int], index: int
    ) -> tuple[set[tuple[str, str]], set[str], set[str]]:
        """What a pass reads, as pairs of a tensor and the view it is read as; the constants that it
        reads; and the tensors that it writes for others."""
        reads = {
            (name, read)
            for member in one.members
            for read in member.reads
            for name in self._memory(read)
            if self._maker.get(name, -1) != index
        }
        weights = {name for member in one.members for name in member.weights}
        writes = {name for m in one.members for name in m.writes if last.get(name, -1) > index}
        return reads, weights, writes

    def _layer(
        self,
        one: _Pass,
        reads: Iterable[tuple[str, str]],
        weights: Iterable[str],
        writes: Iterable[str],
        live: int,
    ) -> Layer:
        device = self._device
        # A slice reads less than its whole tensor.
        taken = {
            name: min(self._bytes(name), self._bytes(read)) if name != read else self._bytes(name)
            for name, read in sorted(reads)
        }
        read, constant = sum(taken.values()), sum(map(self._bytes, weights))
        written = sum(map(self._bytes, writes))
        moved = device.beyond_cache(read + constant) + device.beyond_cache(written)
        macs = sum(member.macs for member in one.members)
        operations = 2 * macs + sum(member.others for member in one.members)
        shape = self._graph.sizes[one.members[-1].writes[0]].shape
        return Layer(
            one.head.name,
            tuple(member.kind for member in one.members),
            shape,
            macs,
            operations,
            read,
            constant,
            written,
            moved,
            live,
            operations / (device.tflops[self._precision] * 1e9),
            device.transfer_ms(moved, read + constant + written),
        )

    def _bytes(self, name: str) -> int:
        size = self._graph.sizes[name]
        width = BYTES[self._precision] if size.width is None else size.width
        return size.elements * width
