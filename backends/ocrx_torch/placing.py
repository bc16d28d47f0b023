"""A network put on a device in a precision, ready to be fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor, fx

from ocrx.names import Precision
from ocrx_torch.cuda import CudaRunner
from ocrx_torch.fuse import fuse
from ocrx_torch.network import Network
from ocrx_torch.optimise import for_cuda, for_processor
from ocrx_torch.options import TorchOptions
from ocrx_torch.placement import Placement

Run: TypeAlias = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""Tensors of the processor in, tensors of the processor out, in the network's orders."""

FLOATS: dict[Precision, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def place(
    network: Network, device: str, precision: Precision, held: Precision, options: TorchOptions
) -> Run:
    """How to run the network there. Outputs have the types that the network gives them, or those
    of the precision; only what is held as fp32 is cast."""
    where = torch.device(device)
    dtype = FLOATS.get(precision) if held == "fp32" else None
    module = network.module
    channels_last = False
    with torch.no_grad():
        if isinstance(module, fx.GraphModule):
            fuse(module)
            _retarget(module, where, dtype)
            module.to(device=where, dtype=dtype)
            if where.type == "cpu":
                channels_last = for_processor(module)
            elif where.type == "cuda":
                channels_last = for_cuda(module)
            module.recompile()
        else:
            module.to(device=where, dtype=dtype)
    placement = Placement(where, dtype, channels_last)
    if where.type == "cuda":
        return CudaRunner(network, placement, options.cuda_graphs)
    return lambda inputs: _run(network, placement, inputs)


def _run(network: Network, placement: Placement, inputs: Sequence[Tensor]) -> list[Tensor]:
    fed = [placement.fit(x).to(placement.device) for x in inputs]
    return [y.cpu() for y in network(*fed)]


def _retarget(module: fx.GraphModule, device: torch.device, dtype: torch.dtype | None) -> None:
    """Have new tensors made on `device`, and what would be cast to float32 cast to `dtype`."""

    def change(value: Any) -> Any:
        if dtype is not None and value is torch.float32:
            return dtype
        return device if isinstance(value, torch.device) else value

    for node in module.graph.nodes:
        node.kwargs = fx.node.map_aggregate(node.kwargs, change)
