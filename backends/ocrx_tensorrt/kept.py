"""Outputs that stay on the GPU, and the memory that holds them."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np

from ocrx.errors import BackendError
from ocrx.interfaces.tensors import DeviceTensor
from ocrx.types import Tensor
from ocrx_tensorrt.driver import Buffer, CudaError, Gpu

MEMORY_REMEDY = "Check with `nvidia-smi` that the GPU works and has memory left."


class KeptTensor(DeviceTensor):
    """An output in GPU memory of its own, which goes back to `spares` when the tensor is dropped.

    It is made when the GPU has written the output, so that any stream may read it.
    """

    def __init__(self, buffer: Buffer, shape: tuple[int, ...], dtype: str, spares: Spares) -> None:
        self.shape = shape
        self.dtype = dtype
        self._buffer = buffer
        self._spares = spares
        self._array: Tensor | None = None

    @property
    def gpu(self) -> int:
        """The index of the GPU that holds it."""
        return self._spares.gpu.index

    @property
    def address(self) -> int:
        return self._buffer.address

    def numpy(self) -> Tensor:
        """Raises BackendError if the GPU fails."""
        if self._array is None:
            array = np.empty(self.shape, self.dtype)
            try:
                if array.nbytes:
                    with self._spares.gpu.current():
                        self._buffer.read(array)
            except CudaError as error:
                raise BackendError(
                    f"an output cannot be copied from the GPU: {error}", MEMORY_REMEDY
                ) from error
            self._array = array
        return self._array

    def __del__(self) -> None:
        self._spares.give_back(self._buffer)


class Spares:
    """Lends buffers for outputs, and keeps those that come back: allocating takes longer than many
    a network does.

    It holds the GPU's context until it is closed and the last buffer is back.
    """

    def __init__(self, gpu: Gpu) -> None:
        self.gpu = gpu
        self._spare: list[Buffer] = []
        self._lent = 0
        self._closed = False
        # Dropping a tensor may come at any point, also while this thread holds the lock.
        self._lock = threading.RLock()

    def lend(self, size: int) -> Buffer:
        """A buffer of at least so many bytes. The GPU must be current. Raises CudaError."""
        with self._lock:
            self._lent += 1
            buffer = self._spare.pop() if self._spare else Buffer()
        try:
            buffer.hold(size)
        except BaseException:
            self.give_back(buffer)
            raise
        return buffer

    def give_back(self, buffer: Buffer) -> None:
        with self._lock:
            self._lent -= 1
            self._spare.append(buffer)
            if self._closed:
                self._free()

    def release(self) -> None:
        """Free the buffers that nobody uses."""
        with self._lock:
            self._free()

    def close(self) -> None:
        """Free everything, as soon as nobody uses it."""
        with self._lock:
            self._closed = True
            self._free()

    def _free(self) -> None:
        # A GPU that has failed may reject every call. Whoever used it knows of that already.
        with suppress(CudaError), self.gpu.current():
            while self._spare:
                with suppress(CudaError):
                    self._spare.pop().close()
        if self._closed and not self._lent:
            with suppress(CudaError):
                self.gpu.close()
