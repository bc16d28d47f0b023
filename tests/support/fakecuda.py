"""An NVIDIA driver that needs no GPU: its memory is the host's, its streams are lists of work.

Called through ctypes with real C prototypes, as written in cuda.h. What it is strict about: a
context must be current in the calling thread, memory must be alive and large enough, and nothing
that was queued happens before somebody waits for it.
"""

from __future__ import annotations

import ctypes
import itertools
import threading
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from dataclasses import dataclass, field
from functools import partial
from typing import Any

PROTOTYPES: dict[str, tuple[Any, ...]] = {
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
INVALID_VALUE, OUT_OF_MEMORY, NO_DEVICE, INVALID_DEVICE, INVALID_CONTEXT = 1, 2, 100, 101, 201
ILLEGAL_ADDRESS = 700
TEXTS = {OUT_OF_MEMORY: b"out of memory", NO_DEVICE: b"no CUDA-capable device is detected"}
CONTEXT = 0xC0DE00
MAJOR, MINOR = 75, 76


@dataclass
class FakeCuda:
    """`gpus` gives each card's name and compute capability; `memory` is all they have, in bytes."""

    gpus: list[tuple[str, tuple[int, int]]] = field(default_factory=lambda: [("NVIDIA L4", (8, 9))])
    memory: int = 1 << 30
    blocks: dict[int, Any] = field(default_factory=dict)
    streams: dict[int, list[Callable[[], object]]] = field(default_factory=dict)
    retained: dict[int, int] = field(default_factory=dict)
    allocations: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._thread = threading.local()
        for name in PROTOTYPES:
            self._offer(name, partial(METHODS[name], self))

    def break_down(self, *names: str) -> None:
        """From now on these calls fail, as they do once a kernel has gone astray."""
        for name in names:
            self._offer(name, lambda *_: ILLEGAL_ADDRESS)

    def _offer(self, name: str, call: Callable[..., int]) -> None:
        # A callback gets a copy of what a char * points to, and could not write there.
        seen = [c_void_p if kind is c_char_p else kind for kind in PROTOTYPES[name]]
        setattr(self, name, CFUNCTYPE(c_int, *seen)(call))

    def current(self) -> int | None:
        """The GPU that is current in this thread."""
        stack = self._stack()
        return stack[-1] - CONTEXT if stack else None

    def holds(self, address: int, size: int) -> bool:
        """Whether those bytes are allocated."""
        return address in self.blocks and len(self.blocks[address]) >= size

    def is_clean(self) -> bool:
        """Whether all that was taken has been given back."""
        return not self.blocks and not self.streams and not any(self.retained.values())

    def _stack(self) -> list[int]:
        if not hasattr(self._thread, "stack"):
            self._thread.stack = []
        stack: list[int] = self._thread.stack
        return stack

    def _init(self, flags: int) -> int:
        if flags:
            return INVALID_VALUE
        return 0 if self.gpus else NO_DEVICE

    def _get_error_string(self, status: int, text: Any) -> int:
        text[0] = TEXTS.get(status, b"some error")
        return 0

    def _device_get_count(self, count: Any) -> int:
        count[0] = len(self.gpus)
        return 0

    def _device_get(self, device: Any, ordinal: int) -> int:
        if not 0 <= ordinal < len(self.gpus):
            return INVALID_DEVICE
        device[0] = ordinal
        return 0

    def _device_get_name(self, name: Any, length: int, device: int) -> int:
        text = self.gpus[device][0].encode()[: length - 1] + b"\0"
        ctypes.memmove(name, text, len(text))
        return 0

    def _device_get_attribute(self, value: Any, attribute: int, device: int) -> int:
        if attribute not in (MAJOR, MINOR):
            return INVALID_VALUE
        value[0] = self.gpus[device][1][attribute - MAJOR]
        return 0

    def _device_primary_ctx_retain(self, context: Any, device: int) -> int:
        self.retained[device] = self.retained.get(device, 0) + 1
        context[0] = CONTEXT + device
        return 0

    def _device_primary_ctx_release(self, device: int) -> int:
        if not self.retained.get(device):
            return INVALID_CONTEXT
        self.retained[device] -= 1
        return 0

    def _ctx_push_current(self, context: int) -> int:
        if not self.retained.get(context - CONTEXT):
            return INVALID_CONTEXT
        self._stack().append(context)
        return 0

    def _ctx_pop_current(self, context: Any) -> int:
        if not self._stack():
            return INVALID_CONTEXT
        context[0] = self._stack().pop()
        return 0

    def _mem_alloc(self, address: Any, size: int) -> int:
        if self.current() is None:
            return INVALID_CONTEXT
        if sum(map(len, self.blocks.values())) + size > self.memory:
            return OUT_OF_MEMORY
        block = ctypes.create_string_buffer(size)
        address[0] = ctypes.addressof(block)
        self.blocks[ctypes.addressof(block)] = block
        self.allocations += 1
        return 0

    def _mem_free(self, address: int) -> int:
        if self.current() is None:
            return INVALID_CONTEXT
        return 0 if self.blocks.pop(address, None) is not None else INVALID_VALUE

    def _memcpy_to(self, address: int, host: int, size: int, stream: int) -> int:
        return self._copy(address, address, host, size, stream)

    def _memcpy_from(self, host: int, address: int, size: int, stream: int) -> int:
        return self._copy(address, host, address, size, stream)

    def _memcpy_at_once(self, host: int, address: int, size: int) -> int:
        """As on a card, it does not wait for the streams of sessions, which are non-blocking."""
        if self.current() is None:
            return INVALID_CONTEXT
        if not self.holds(address, size):
            return INVALID_VALUE
        ctypes.memmove(host, address, size)
        return 0

    def _copy(self, block: int, target: int, source: int, size: int, stream: int) -> int:
        if self.current() is None:
            return INVALID_CONTEXT
        if not self.holds(block, size) or stream not in self.streams:
            return INVALID_VALUE
        self.streams[stream].append(partial(ctypes.memmove, target, source, size))
        return 0

    def _stream_create(self, stream: Any, flags: int) -> int:
        if self.current() is None:
            return INVALID_CONTEXT
        stream[0] = 0x57E00 + next(self._numbers)
        self.streams[stream[0]] = []
        return 0

    def _stream_synchronize(self, stream: int) -> int:
        if stream not in self.streams:
            return INVALID_VALUE
        work, self.streams[stream] = self.streams[stream], []
        for step in work:
            step()
        return 0

    def _stream_destroy(self, stream: int) -> int:
        return 0 if self.streams.pop(stream, None) is not None else INVALID_VALUE


METHODS: dict[str, Callable[..., int]] = {
    "cuInit": FakeCuda._init,
    "cuGetErrorString": FakeCuda._get_error_string,
    "cuDeviceGetCount": FakeCuda._device_get_count,
    "cuDeviceGet": FakeCuda._device_get,
    "cuDeviceGetName": FakeCuda._device_get_name,
    "cuDeviceGetAttribute": FakeCuda._device_get_attribute,
    "cuDevicePrimaryCtxRetain": FakeCuda._device_primary_ctx_retain,
    "cuDevicePrimaryCtxRelease_v2": FakeCuda._device_primary_ctx_release,
    "cuCtxPushCurrent_v2": FakeCuda._ctx_push_current,
    "cuCtxPopCurrent_v2": FakeCuda._ctx_pop_current,
    "cuMemAlloc_v2": FakeCuda._mem_alloc,
    "cuMemFree_v2": FakeCuda._mem_free,
    "cuMemcpyHtoDAsync_v2": FakeCuda._memcpy_to,
    "cuMemcpyDtoHAsync_v2": FakeCuda._memcpy_from,
    "cuMemcpyDtoH_v2": FakeCuda._memcpy_at_once,
    "cuStreamCreate": FakeCuda._stream_create,
    "cuStreamSynchronize": FakeCuda._stream_synchronize,
    "cuStreamDestroy_v2": FakeCuda._stream_destroy,
}
