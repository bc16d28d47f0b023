"""Tensors that stay on the device where a runtime computed them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypeAlias

from ocrx.types import Tensor


class DeviceTensor(ABC):
    """One output of `Session.compute`: on the device if the runtime can keep it there, else on the
    host.

    It belongs to the caller, never changes, and stays valid through later calls and after the
    session is closed. It may be fed any number of times and to any session. A session of the same
    runtime and device uses it in place; any other copies it.
    """

    shape: tuple[int, ...]
    """Its dimensions."""

    dtype: str
    """The name of its NumPy dtype: "float32"."""

    @abstractmethod
    def numpy(self) -> Tensor:
        """The values on the host, copied there on the first call. Do not write to them."""


class HostTensor(DeviceTensor):
    """An array on the host, for runtimes that keep nothing on a device."""

    def __init__(self, array: Tensor) -> None:
        self._array = array
        self.shape = array.shape
        self.dtype = array.dtype.name

    def numpy(self) -> Tensor:
        return self._array


AnyTensor: TypeAlias = Tensor | DeviceTensor
"""What `Session.compute` takes: an array, or an output of `compute`."""


def on_host(feeds: Mapping[str, AnyTensor]) -> dict[str, Tensor]:
    """The feeds as arrays, copied to the host where they are on a device."""
    return {
        name: feed.numpy() if isinstance(feed, DeviceTensor) else feed
        for name, feed in feeds.items()
    }
