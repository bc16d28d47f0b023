"""A network put on a device in a precision, ready to be fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor, fx

from ocrx.artifacts import Precision
from ocrx_torch import TorchOptions
from ocrx_torch.network import Network
from ocrx_torch.optimise import optimise

Run: TypeAlias = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""Tensors of the processor in, tensors of the processor out, in the network's orders."""

FLOATS: dict[Precision, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def place(
    network: Network, device: str, precision: Precision, held: Precision, options: TorchOptions
) -> tuple[Network, Run]:
    """The network as it is there, and how to run it. Inputs and outputs keep their types whatever
    the precision; only what is held as fp32 is cast."""
    where = torch.device(device)
    dtype = FLOATS.get(precision) if held == "fp32" else None
    if isinstance(network.module, fx.GraphModule):
        optimise(network.module)
        retarget(network.module, where, dtype)
    network.module.to(device=where, dtype=dtype)
    if device.startswith("cuda"):
        from ocrx_torch.cuda import CudaRunner

        return network, CudaRunner(network, where, dtype, options.cuda_graphs)
    return network, _Plain(network, where, dtype)


def retarget(module: fx.GraphModule, device: torch.device, dtype: torch.dtype | None) -> None:
    """Have new tensors made on `device`, and what would be cast to float32 cast to `dtype`."""

    def change(value: Any) -> Any:
        if dtype is not None and value is torch.float32:
            return dtype
        return device if isinstance(value, torch.device) else value

    for node in module.graph.nodes:
        node.kwargs = fx.node.map_aggregate(node.kwargs, change)
    module.recompile()


class _Plain:
    """Runs the network as it is."""

    def __init__(self, network: Network, device: torch.device, dtype: torch.dtype | None) -> None:
        self._network = network
        self._device = device
        self._dtype = dtype

    def __call__(self, inputs: Sequence[Tensor]) -> Sequence[Tensor]:
        fed = [x.to(self._device, self._dtype if x.is_floating_point() else None) for x in inputs]
        return [y.cpu() for y in self._network(*fed)]
