"""Tensors that stay where a runtime made them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypeAlias

from ocrx.types import Tensor


class DeviceTensor(ABC):
    """One output of `Session.compute`: on the device where the runtime can, else on the host.

    It belongs to the caller, never changes, and stays valid through later calls and after the
    session is closed. It may be fed any number of times and to any session: one of the same runtime
    and device takes it where it lies, others copy it.
    """

    shape: tuple[int, ...]
    dtype: str

    @abstractmethod
    def numpy(self) -> Tensor:
        """The values on the host, copied there on the first call; not to be written to."""


class HostTensor(DeviceTensor):
    """An array on the host: what a runtime gives that keeps nothing on a device."""

    def __init__(self, array: Tensor) -> None:
        self._array = array
        self.shape = array.shape
        self.dtype = array.dtype.name

    def numpy(self) -> Tensor:
        return self._array


AnyTensor: TypeAlias = Tensor | DeviceTensor
"""What a session may be fed: an array, or what a session gave."""


def on_host(feeds: Mapping[str, AnyTensor]) -> dict[str, Tensor]:
    """The feeds as arrays."""
    return {
        name: feed.numpy() if isinstance(feed, DeviceTensor) else feed
        for name, feed in feeds.items()
    }
