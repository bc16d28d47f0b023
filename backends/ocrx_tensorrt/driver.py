"""The few calls of the NVIDIA driver that a session needs, through ctypes.

Every machine with a GPU has the driver, and its interface has been stable for a decade. So no
package needs to be installed for it, nor match its version.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from functools import cache
from typing import Any

from ocrx.errors import DeviceMissing
from ocrx.types import Tensor

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
SIGNATURES: dict[str, tuple[Any, ...]] = {
    "cuInit": (c_uint,),
    "cuGetErrorString": (c_int, POINTER(c_char_p)),
    "cuDeviceGetCount": (POINTER(c_int),),
    "cuDeviceGet": (POINTER(c_int), c_int),
    "cuDeviceGetName": (c_char_p, c_int, c_int),
    "cuDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cuDevicePrimaryCtxRetain": (POINTER(c_void_p), c_int),
    "cuDevicePrimaryCtxRelease_v2": (c_int,),
    "cuCtxPushCurrent_v2": (c_void_p,),
    "cuCtxPopCurrent_v2": (POINTER(c_void_p),),
    "cuMemAlloc_v2": (POINTER(c_uint64), c_size_t),
    "cuMemFree_v2": (c_uint64,),
    "cuMemcpyHtoDAsync_v2": (c_uint64, c_void_p, c_size_t, c_void_p),
    "cuMemcpyDtoHAsync_v2": (c_void_p, c_uint64, c_size_t, c_void_p),
    "cuMemcpyDtoH_v2": (c_void_p, c_uint64, c_size_t),
    "cuStreamCreate": (POINTER(c_void_p), c_uint),
    "cuStreamSynchronize": (c_void_p,),
    "cuStreamDestroy_v2": (c_void_p,),
}
CAPABILITY_MAJOR, CAPABILITY_MINOR = 75, 76
NON_BLOCKING = 1


class CudaError(Exception):
    """A call of the driver failed."""


class NoDriver(CudaError):
    """There is no driver, or it finds no GPU."""


class Driver:
    """The loaded library. Raises CudaError for every call that fails, and AttributeError for a
    library without these calls."""

    def __init__(self, library: Any) -> None:
        self._library = library
        for name, types in SIGNATURES.items():
            function = getattr(library, name)
            function.argtypes, function.restype = types, c_int

    def call(self, name: str, *arguments: Any) -> None:
        status = getattr(self._library, name)(*arguments)
        if status:
            text = c_char_p()
            self._library.cuGetErrorString(status, ctypes.byref(text))
            raise CudaError(f"{name}: {(text.value or b'unknown error').decode()} ({status})")

    def read(self, kind: Any, name: str, *arguments: Any) -> int:
        """Make a call whose first argument points to its result, and return that result."""
        result = kind()
        self.call(name, ctypes.byref(result), *arguments)
        return int(result.value or 0)


def open_library() -> Any:
    """The driver's library. Raises OSError if there is none."""
    return ctypes.CDLL(LIBRARY)


@cache
def load_driver() -> Driver:
    """The driver, initialised once per process. Raises NoDriver."""
    try:
        driver = Driver(open_library())
    except (OSError, AttributeError) as error:
        raise NoDriver(f"there is no NVIDIA driver: {LIBRARY} does not load") from error
    try:
        driver.call("cuInit", 0)
    except CudaError as error:
        raise NoDriver(f"the NVIDIA driver finds no GPU: {error}") from error
    return driver


def count_gpus() -> int:
    """The number of GPUs, at least one. Raises NoDriver."""
    count = load_driver().read(c_int, "cuDeviceGetCount")
    if not count:
        raise NoDriver("the NVIDIA driver finds no GPU")
    return count


def find_gpu(asked: str) -> int:
    """The index of the GPU called "cuda:0" and so on; "auto" and "cuda" mean the first.

    Raises DeviceMissing for any other name, and NoDriver where there is no GPU at all.
    """
    names = [f"cuda:{index}" for index in range(count_gpus())]
    name = "cuda:0" if asked in ("auto", "cuda") else asked
    if name not in names:
        raise DeviceMissing(
            f"TensorRT finds no device {asked!r}, only {', '.join(names)}", "Choose one of these."
        )
    return names.index(name)


def name_of(index: int) -> str:
    """The vendor's name of the GPU, such as "NVIDIA L4"."""
    driver = load_driver()
    name = ctypes.create_string_buffer(256)
    driver.call("cuDeviceGetName", name, len(name), driver.read(c_int, "cuDeviceGet", index))
    return name.value.decode(errors="replace")


def architecture_of(index: int) -> str:
    """The GPU's compute capability as TensorRT writes it, such as "sm89"."""
    driver = load_driver()
    device = driver.read(c_int, "cuDeviceGet", index)
    major, minor = (
        driver.read(c_int, "cuDeviceGetAttribute", attribute, device)
        for attribute in (CAPABILITY_MAJOR, CAPABILITY_MINOR)
    )
    return f"sm{major}{minor}"


class Gpu:
    """A GPU's primary context, which TensorRT uses too. It is held until `close`."""

    def __init__(self, index: int) -> None:
        self.index = index
        self._driver = load_driver()
        self._device = self._driver.read(c_int, "cuDeviceGet", index)
        self._context = self._driver.read(c_void_p, "cuDevicePrimaryCtxRetain", self._device)
        self._held = True

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make this GPU current for this thread while the block runs."""
        self._driver.call("cuCtxPushCurrent_v2", self._context)
        try:
            yield
        finally:
            self._driver.read(c_void_p, "cuCtxPopCurrent_v2")

    def close(self) -> None:
        if self._held:
            self._held = False
            self._driver.call("cuDevicePrimaryCtxRelease_v2", self._device)


class Stream:
    """A queue of work for the current GPU, and copies to and from it."""

    def __init__(self) -> None:
        self._driver = load_driver()
        self.handle = self._driver.read(c_void_p, "cuStreamCreate", NON_BLOCKING)

    def send(self, array: Tensor, buffer: Buffer) -> None:
        """Queue a copy to the GPU. The array must be C-contiguous and live until `wait` returns."""
        self._driver.call(
            "cuMemcpyHtoDAsync_v2", buffer.address, array.ctypes.data, array.nbytes, self.handle
        )

    def fetch(self, buffer: Buffer, array: Tensor) -> None:
        """Queue a copy from the GPU into a C-contiguous array, filled once `wait` returns."""
        self._driver.call(
            "cuMemcpyDtoHAsync_v2", array.ctypes.data, buffer.address, array.nbytes, self.handle
        )

    def wait(self) -> None:
        """Block until all that was queued is done."""
        self._driver.call("cuStreamSynchronize", self.handle)

    def close(self) -> None:
        self._driver.call("cuStreamDestroy_v2", self.handle)


class Buffer:
    """Memory on the current GPU, which grows when more is needed."""

    def __init__(self) -> None:
        self._driver = load_driver()
        self.address = 0
        self.size = 0

    def hold(self, size: int) -> None:
        """Ensure room for `size` bytes. Growing loses the content."""
        if size <= self.size:
            return
        self.close()
        self.address = self._driver.read(c_uint64, "cuMemAlloc_v2", size)
        self.size = size

    def read(self, array: Tensor) -> None:
        """Copy the content into a C-contiguous array. What writes it must be done."""
        self._driver.call("cuMemcpyDtoH_v2", array.ctypes.data, self.address, array.nbytes)

    def close(self) -> None:
        address, self.address, self.size = self.address, 0, 0
        if address:
            self._driver.call("cuMemFree_v2", address)
