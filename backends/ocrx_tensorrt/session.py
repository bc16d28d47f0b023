"""An engine on a GPU, with one execution context for each concurrent call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from math import prod
from typing import Any

import numpy as np

from ocrx.errors import BackendError, InvalidFeed, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.types import Tensor, TensorSpec
from ocrx_tensorrt.calls import Calls, Port
from ocrx_tensorrt.driver import Buffer, CudaError, Gpu, Stream
from ocrx_tensorrt.kept import MEMORY_REMEDY, KeptTensor, Spares
from ocrx_tensorrt.library import MESSAGES


class TensorRtSession(Session):
    """Runs as many calls at once as there are `contexts`, TensorRT's execution contexts; further
    calls wait.

    `finish` is called after `close`, once the last call has returned, with the GPU current and all
    contexts gone.
    """

    thread_safe = True

    def __init__(
        self,
        name: str,
        calls: Calls,
        contexts: list[Any],
        gpu: Gpu,
        finish: Callable[[], None],
    ) -> None:
        super().__init__()
        self._name = name
        self.inputs = tuple(_spec(port) for port in calls.ports if port.is_input)
        self.outputs = tuple(_spec(port) for port in calls.ports if not port.is_input)
        self.concurrency = len(contexts)
        self._gpu = gpu
        with gpu.current():
            lanes = [Lane(name, calls, context, gpu.index) for context in contexts]
        contexts.clear()  # only its lane may hold a context, so that it can be freed
        spares = self._spares = Spares(Gpu(gpu.index))

        def finished() -> None:
            spares.close()
            finish()

        self._lanes = LanePool(lanes, gpu, finished)

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with self._lane(feeds) as lane:
            return lane.run(feeds)

    def _compute(self, feeds: Mapping[str, AnyTensor]) -> dict[str, DeviceTensor]:
        with self._lane(feeds) as lane:
            return lane.compute(feeds, self._spares)

    @contextmanager
    def _lane(self, feeds: Mapping[str, AnyTensor]) -> Iterator[Lane]:
        """A lane, with the GPU current. What the driver raises names the call."""
        with self._lanes.take() as lane:
            try:
                with self._gpu.current():
                    yield lane
            except CudaError as error:
                raise BackendError(
                    f"the GPU failed to run {self._name} on {_shapes(feeds)}: {error}",
                    MEMORY_REMEDY,
                ) from error

    def release(self) -> None:
        self._spares.release()
        super().release()

    def _close(self) -> None:
        self._lanes.close()


class Lane:
    """An execution context with its own stream and buffers, for one caller at a time.

    The GPU must be current when a lane is made, used and closed.
    """

    def __init__(self, name: str, calls: Calls, context: Any, gpu: int) -> None:
        self._name = name
        self._calls = calls
        self._context = context
        self._gpu = gpu
        self._stream = Stream()
        self._buffers = [Buffer() for _ in calls.ports]
        self._results = [port for port in calls.ports if not port.is_input]

    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The outputs in new arrays, which the caller will own."""
        with self._fed(feeds) as addresses:
            outputs = {
                port.index: np.empty(self._shape_of(port), port.dtype) for port in self._results
            }
            for index, array in outputs.items():
                self._buffers[index].hold(max(1, array.nbytes))
                addresses[index] = self._buffers[index].address
            self._execute(feeds, addresses)
            for index, array in outputs.items():
                self._stream.fetch(self._buffers[index], array)
            self._stream.wait()
        return {port.name: outputs[port.index] for port in self._results}

    def compute(self, feeds: Mapping[str, AnyTensor], spares: Spares) -> dict[str, DeviceTensor]:
        """The outputs in buffers of `spares`, which the GPU has written."""
        with self._fed(feeds) as addresses:
            outputs: dict[str, DeviceTensor] = {}
            for port in self._results:
                shape = self._shape_of(port)
                size = prod(shape) * np.dtype(port.dtype).itemsize
                tensor = KeptTensor(spares.lend(max(1, size)), shape, port.dtype, spares)
                outputs[port.name] = tensor
                addresses[port.index] = tensor.address
            self._execute(feeds, addresses)
            self._stream.wait()
        return outputs

    @contextmanager
    def _fed(self, feeds: Mapping[str, AnyTensor]) -> Iterator[list[int]]:
        """The addresses of the inputs among those of all ports. Arrays are on their way to the GPU;
        they live until the block ends."""
        addresses = [0] * len(self._calls.ports)
        inputs = [port for port in self._calls.ports if port.is_input]
        for port in inputs:
            self._set_shape(port, tuple(feeds[port.name].shape))
        sent = []
        for port in inputs:
            feed = feeds[port.name]
            if isinstance(feed, KeptTensor) and feed.gpu == self._gpu:
                addresses[port.index] = feed.address
                continue
            array = feed.numpy() if isinstance(feed, DeviceTensor) else feed
            sent.append(np.ascontiguousarray(array))
            buffer = self._buffers[port.index]
            buffer.hold(sent[-1].nbytes)
            self._stream.send(sent[-1], buffer)
            addresses[port.index] = buffer.address
        yield addresses

    def _execute(self, feeds: Mapping[str, AnyTensor], addresses: Sequence[int]) -> None:
        if not self._calls.execute(self._context, addresses, self._stream.handle):
            self._stream.wait()
            raise self._refused(f"failed to run {self._name} on {_shapes(feeds)}")

    def _set_shape(self, port: Port, shape: tuple[int, ...]) -> None:
        inside = all(
            low <= size <= high
            for low, size, high in zip(port.least, shape, port.most, strict=True)
        )
        if not inside:
            raise InvalidFeed(
                f"input {port.name!r} has shape {shape}, but the engine of {self._name} is built "
                f"for {port.least} to {port.most}",
                "Feed a shape in that range.",
            )
        if not self._calls.set_shape(self._context, port, shape):
            raise self._refused(f"rejects {shape} for input {port.name!r} of {self._name}")

    def _shape_of(self, port: Port) -> tuple[int, ...]:
        """That of an output, when the inputs have theirs."""
        shape = self._calls.shape_of(self._context, port)
        if any(size < 0 for size in shape):
            raise self._refused(f"cannot tell the shape of output {port.name!r} of {self._name}")
        return shape

    def _refused(self, what: str) -> BackendError:
        return BackendError(f"TensorRT {what}: {MESSAGES.take()}", MEMORY_REMEDY)

    def close(self) -> None:
        self._context = None
        with ExitStack() as closing:
            closing.callback(self._stream.close)
            for buffer in self._buffers:
                closing.callback(buffer.close)


class LanePool:
    """Lends lanes. The most recent is taken first, since its buffers are likely large enough."""

    def __init__(self, lanes: list[Lane], gpu: Gpu, finish: Callable[[], None]) -> None:
        self._free = lanes
        self._left = len(lanes)
        self._gpu = gpu
        self._finish = finish
        self._closed = False
        self._change = threading.Condition()

    @contextmanager
    def take(self) -> Iterator[Lane]:
        with self._change:
            self._change.wait_for(lambda: self._free or self._closed)
            if self._closed:
                raise SessionClosed("this session is closed", "Open a new one.")
            lane = self._free.pop()
        try:
            yield lane
        finally:
            with self._change:
                self._free.append(lane)
                self._change.notify()
                if self._closed:
                    self._close_free()

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._close_free()
            self._change.notify_all()

    def _close_free(self) -> None:
        """Close the lanes that are not lent and, with the last one, what they shared.

        A GPU that has failed may reject every call. That error is known already, so it is ignored,
        and everything else is still freed.
        """
        if not self._left:
            return
        with suppress(CudaError), ExitStack() as current:
            with suppress(CudaError):
                current.enter_context(self._gpu.current())
            while self._free:
                self._left -= 1
                with suppress(CudaError):
                    self._free.pop().close()
            if not self._left:
                self._finish()
        if not self._left:
            with suppress(CudaError):
                self._gpu.close()


def _spec(port: Port) -> TensorSpec:
    shape = tuple(None if size < 0 else size for size in port.shape)
    return TensorSpec(port.name, shape, port.dtype)


def _shapes(feeds: Mapping[str, AnyTensor]) -> str:
    return ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
