"""Optimises a network for the device it will run on."""

from __future__ import annotations

import torch
from torch import fx

from ocrx_torch import onednn
from ocrx_torch.reuse import reuse


def for_processor(module: fx.GraphModule) -> bool:
    """Rewrite the graph in place for a processor. Its constants must have their final types.

    Returns whether inputs should have channels last. The caller recompiles the module.
    """
    with_onednn = onednn.available()
    if with_onednn:
        onednn.use_onednn(module)
    reuse(module)
    return with_onednn


def for_cuda(module: fx.GraphModule) -> bool:
    """As `for_processor`, for CUDA. cuDNN wants weights of convolutions with channels last too."""
    for buffer in module.buffers():
        if buffer.ndim == 4:
            buffer.data = buffer.data.contiguous(memory_format=torch.channels_last)
    reuse(module)
    return True
