"""Runs a network on an NVIDIA GPU, recorded as a CUDA graph for each input shape.

Readers feed few shapes, the buckets, many times each. A call launches hundreds of kernels, and each
takes less time than its launch from Python. Replayed as one graph, they run back to back.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor

from ocrx_torch.network import TorchNetwork
from ocrx_torch.placement import Placement
from ocrx_torch.runner import Runner

_switching = threading.Lock()

Shapes: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass
class _Recording:
    """A graph and the tensors on the device that it reads (`fed`) and writes (`given`). `staged`
    and `fetched` are their counterparts in page-locked host memory. Until it is recorded, `graph`
    is None."""

    graph: torch.cuda.CUDAGraph | None = None
    staged: list[Tensor] = field(default_factory=list)
    fed: list[Tensor] = field(default_factory=list)
    given: list[Tensor] = field(default_factory=list)
    fetched: list[Tensor] = field(default_factory=list)


class CudaRunner(Runner):
    """Runs a network for one thread at a time.

    The first call with a shape runs operation by operation, because many shapes come only once; the
    second records a graph. The `limit` most recent shapes are remembered. A network that cannot be
    recorded, because it inspects its own results, always runs operation by operation.
    """

    def __init__(self, network: TorchNetwork, placement: Placement, limit: int) -> None:
        super().__init__(network, placement)
        self._limit = limit
        self._recordings: OrderedDict[Shapes, _Recording] = OrderedDict()
        self._stream: torch.cuda.Stream = torch.cuda.Stream(placement.device)
        self._pool: Any = None

    def on_host(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        with self._streaming():
            given, recording = self._run([self.placement.fit(x) for x in inputs])
            if recording is None:
                found = self._fetch([_pinned_like(y) for y in given], given)
            else:
                # The next call overwrites the page-locked tensors, so the caller gets copies.
                found = [y.clone() for y in self._fetch(recording.fetched, given)]
        return self._own(found, inputs)

    def on_device(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """It waits for the stream: other sessions have streams of their own, which so need not wait
        for this one, and the next call may write to the page-locked memory that inputs went
        through."""
        with self._streaming():
            given, recording = self._run([self.placement.fit(x) for x in inputs])
            # The next replay overwrites its tensors.
            kept = given if recording is None else [y.clone() for y in given]
            owned = self._own(kept, inputs)
            self._stream.synchronize()
        return owned

    @contextmanager
    def _streaming(self) -> Iterator[None]:
        with torch.cuda.device(self.placement.device), torch.cuda.stream(self._stream):
            yield

    def _run(self, inputs: list[Tensor]) -> tuple[list[Tensor], _Recording | None]:
        """The outputs on the device, and the recording whose tensors they are, if any."""
        if self._limit <= 0:
            return self._by_operations(inputs), None
        shapes = tuple(tuple(x.shape) for x in inputs)
        known = self._recordings.get(shapes)
        if known is None:
            self._remember(shapes)
            return self._by_operations(inputs), None
        self._recordings.move_to_end(shapes)
        if known.graph is None and not self._record(known, inputs):
            self._limit = 0
            self._recordings.clear()
            return self._by_operations(inputs), None
        return self._replay(known, inputs), known

    def _remember(self, shapes: Shapes) -> None:
        self._recordings[shapes] = _Recording()
        while len(self._recordings) > self._limit:
            _, oldest = self._recordings.popitem(last=False)
            if oldest.graph is not None:
                oldest.graph.reset()  # returns its memory to the pool, for the next recording

    def _by_operations(self, inputs: list[Tensor]) -> list[Tensor]:
        return self._compute([self._sent(x) for x in inputs])

    def _sent(self, x: Tensor) -> Tensor:
        """The input on the device, by way of page-locked memory if it is on the host."""
        if x.device == self.placement.device:
            return x
        return x.pin_memory().to(self.placement.device, non_blocking=True)

    def _compute(self, fed: list[Tensor]) -> list[Tensor]:
        """Run the network on the device.

        By default cuDNN convolves fp32 in TF32, with 10 bits of mantissa. The switch for that is
        global to the process, so calls that set it exclude each other.
        """
        with (
            _switching,
            torch.backends.cudnn.flags(
                enabled=True,
                benchmark=False,
                deterministic=False,
                allow_tf32=self.placement.dtype is not None,
            ),
        ):
            return list(self.network(*fed))

    def _record(self, recording: _Recording, inputs: list[Tensor]) -> bool:
        """Record the graph. Returns False if the network cannot be recorded."""
        recording.staged = [_pinned_like(x) for x in inputs]
        # Copies even of what is on the device: it is the caller's.
        recording.fed = [x.to(self.placement.device, copy=True) for x in inputs]
        self._stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        self._pool = self._pool or torch.cuda.graph_pool_handle()
        try:
            # Other threads may allocate memory meanwhile; only this thread's calls are recorded.
            with torch.cuda.graph(
                graph, self._pool, self._stream, capture_error_mode="thread_local"
            ):
                recording.given = self._compute(recording.fed)
        except RuntimeError:
            torch.cuda.synchronize(self.placement.device)
            return False
        recording.fetched = [_pinned_like(y) for y in recording.given]
        recording.graph = graph
        return True

    def _replay(self, recording: _Recording, inputs: list[Tensor]) -> list[Tensor]:
        graph = recording.graph
        if graph is None:
            raise RuntimeError("there is no graph to replay")
        for x, staged, fed in zip(inputs, recording.staged, recording.fed, strict=True):
            source = x
            if x.device != fed.device:
                source = staged.copy_(x)
            fed.copy_(source, non_blocking=True)
        graph.replay()
        return recording.given

    def _fetch(self, fetched: list[Tensor], given: list[Tensor]) -> list[Tensor]:
        for there, here in zip(given, fetched, strict=True):
            here.copy_(there, non_blocking=True)
        self._stream.synchronize()
        return fetched


def _pinned_like(x: Tensor) -> Tensor:
    return torch.empty_like(x, device="cpu", pin_memory=True)
