"""What runs a network on its device, and the outputs that stay there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from ocrx.interfaces.tensors import DeviceTensor
from ocrx.types import Tensor as Array
from ocrx_torch.network import TorchNetwork
from ocrx_torch.placement import Placement


class TorchTensor(DeviceTensor):
    """An output in the memory of its device, on the processor without a copy.

    It is made when all work on it is done, so that any stream may read it.
    """

    def __init__(self, value: Tensor) -> None:
        self.value = value
        self.shape = tuple(value.shape)
        self.dtype = str(value.dtype).removeprefix("torch.")
        self._array: Array | None = None

    def numpy(self) -> Array:
        if self._array is None:
            self._array = self.value.cpu().numpy()
        return self._array


class Runner(ABC):
    """A network on its device. Inputs are tensors on the host or on that device, in order. Outputs
    have the types that the network declares, and memory of their own."""

    def __init__(self, network: TorchNetwork, placement: Placement) -> None:
        self.network = network
        self.placement = placement
        self._dtypes = [getattr(torch, spec.dtype) for spec in network.outputs]
        self._constants = _places(
            buffer for buffer in network.module.buffers() if buffer.layout == torch.strided
        )

    @abstractmethod
    def on_host(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The outputs in host memory."""

    @abstractmethod
    def on_device(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The outputs on the device, when all work on them is done."""

    def _own(self, outputs: Iterable[Tensor], inputs: Sequence[Tensor]) -> list[Tensor]:
        """Cast, and copied where they share memory with an input, a constant or each other."""
        foreign = self._constants | _places(inputs)
        owned = []
        for found, dtype in zip(outputs, self._dtypes, strict=True):
            output = found.to(dtype).contiguous()
            place = output.untyped_storage().data_ptr()
            if place in foreign:
                output = output.clone()
            foreign.add(place)
            owned.append(output)
        return owned


class PlainRunner(Runner):
    """Runs operation by operation, in order, as on a processor."""

    def on_host(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        return self._own((y.cpu() for y in self._run(inputs)), inputs)

    def on_device(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        return self._own(self._run(inputs), inputs)

    def _run(self, inputs: Sequence[Tensor]) -> Sequence[Tensor]:
        return self.network(*(self.placement.fit(x).to(self.placement.device) for x in inputs))


def _places(tensors: Iterable[Tensor]) -> set[int]:
    """Where their memory begins."""
    return {tensor.untyped_storage().data_ptr() for tensor in tensors}
