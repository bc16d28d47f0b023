"""Puts a network on a device, in a precision."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ocrx.names import Precision
from ocrx_torch.cuda import CudaRunner
from ocrx_torch.fuse import fuse
from ocrx_torch.network import TorchNetwork
from ocrx_torch.optimise import for_cuda, for_processor
from ocrx_torch.options import TorchOptions
from ocrx_torch.placement import Placement
from ocrx_torch.runner import PlainRunner, Runner

FLOATS: dict[Precision, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def place(
    network: TorchNetwork, device: str, precision: Precision, held: Precision, options: TorchOptions
) -> Runner:
    """Prepare the network for a device and precision, changing it in place.

    `held` is the precision of the file; only fp32 is cast. Outputs have the network's own types or
    that of `precision`. Raises RuntimeError or NotImplementedError, from torch.
    """
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
    return PlainRunner(network, placement)


def _retarget(module: fx.GraphModule, device: torch.device, dtype: torch.dtype | None) -> None:
    """Create new tensors on `device`, and cast to `dtype` where the network casts to float32."""

    def change(value: Any) -> Any:
        if dtype is not None and value is torch.float32:
            return dtype
        return device if isinstance(value, torch.device) else value

    for node in module.graph.nodes:
        node.kwargs = fx.node.map_aggregate(node.kwargs, change)
