"""An engine on a GPU, with one execution context for each concurrent call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import numpy as np

from ocrx.errors import BackendError, InvalidFeed, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.types import Tensor, TensorSpec
from ocrx_tensorrt.calls import Calls, Port
from ocrx_tensorrt.driver import Buffer, CudaError, Gpu, Stream
from ocrx_tensorrt.library import MESSAGES

MEMORY_REMEDY = "Check with `nvidia-smi` that the GPU works and has memory left."


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
            lanes = [Lane(name, calls, context) for context in contexts]
        contexts.clear()  # only its lane may hold a context, so that it can be freed
        self._lanes = LanePool(lanes, gpu, finish)

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with self._lanes.take() as lane:
            try:
                with self._gpu.current():
                    return lane.run(feeds)
            except CudaError as error:
                raise BackendError(
                    f"the GPU failed to run {self._name} on {_shapes(feeds)}: {error}",
                    MEMORY_REMEDY,
                ) from error

    def _close(self) -> None:
        self._lanes.close()


class Lane:
    """An execution context with its own stream and buffers, for one caller at a time.

    The GPU must be current when a lane is made, used and closed.
    """

    def __init__(self, name: str, calls: Calls, context: Any) -> None:
        self._name = name
        self._calls = calls
        self._context = context
        self._stream = Stream()
        self._buffers = [Buffer() for _ in calls.ports]

    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        # The arrays must live until the GPU has read them.
        sent = {name: np.ascontiguousarray(tensor) for name, tensor in feeds.items()}
        ports = self._calls.ports
        for port in ports:
            if port.is_input:
                self._send(port, sent[port.name])
        outputs = {port.name: self._expect(port) for port in ports if not port.is_input}
        addresses = [buffer.address for buffer in self._buffers]
        if not self._calls.execute(self._context, addresses, self._stream.handle):
            self._stream.wait()
            raise self._refused(f"failed to run {self._name} on {_shapes(feeds)}")
        for port in ports:
            if not port.is_input:
                self._stream.fetch(self._buffers[port.index], outputs[port.name])
        self._stream.wait()
        return outputs

    def _send(self, port: Port, tensor: Tensor) -> None:
        shape = tuple(tensor.shape)
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
        buffer = self._buffers[port.index]
        buffer.hold(tensor.nbytes)
        self._stream.send(tensor, buffer)

    def _expect(self, port: Port) -> Tensor:
        """A new array for the output, which the caller will own."""
        shape = self._calls.shape_of(self._context, port)
        if any(size < 0 for size in shape):
            raise self._refused(f"cannot tell the shape of output {port.name!r} of {self._name}")
        array = np.empty(shape, port.dtype)
        self._buffers[port.index].hold(max(1, array.nbytes))
        return array

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


def _shapes(feeds: Mapping[str, Tensor]) -> str:
    return ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
