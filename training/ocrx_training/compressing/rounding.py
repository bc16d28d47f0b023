"""Networks that learn with numbers as int8 will round them."""

from __future__ import annotations

from typing import cast

import onnx
import torch
from torch import fx

from ocrx_torch.ops.linear import conv, gemm, matmul
from ocrx_training.finetuning.files import Head
from ocrx_training.finetuning.network import OnnxNetwork

STEM, SHORT_STEM = 8, 1
"""So many convolutions and products at the start of a network `quantize` leaves in fp32: the second
number if there are no more than the first."""

LEVELS = 127
"""The steps of int8 on one side of 0."""

LEAST = 1e-9


class Rounded(OnnxNetwork):
    """A network that computes with rounded numbers behind its stem: weights in so many levels on
    each side of 0, with a scale for each channel as `quantize` finds it, and what they are
    multiplied with in int8, with the scale of its largest value. Gradients pass as if nothing were
    rounded (B. Jacob and others, "Quantization and Training of Neural Networks", 2018,
    arXiv:1712.05877).
    """

    def __init__(self, model: onnx.ModelProto, head: Head, name: str, levels: int = LEVELS) -> None:
        super().__init__(model, head, name)
        _round_products(cast("fx.GraphModule", self._graph), levels)  # as importers make it


def _round_products(module: fx.GraphModule, levels: int) -> None:
    """Round what convolutions and products behind the stem take, if one of the two is given to the
    network, as weights that learn are."""
    graph = module.graph
    products = [node for node in graph.nodes if node.target in (conv, gemm, matmul)]
    for node in products[STEM if len(products) > STEM else SHORT_STEM :]:
        given = node.all_input_nodes
        if len(given) < 2 or given[1].op != "placeholder":
            continue
        values, weights = given[:2]
        axis = 0 if node.target is conv or node.kwargs.get("trans_b") else -1
        with graph.inserting_before(node):
            node.replace_input_with(values, graph.call_function(rounded, (values, None, LEVELS)))
            node.replace_input_with(weights, graph.call_function(rounded, (weights, axis, levels)))
    module.recompile()


def rounded(values: torch.Tensor, axis: int | None, levels: int) -> torch.Tensor:
    """The values in so many levels on each side of 0, with one scale, or one for each place along
    an axis. Its gradient is that of the values."""
    sizes = values.detach().abs()
    if axis is None:
        largest = sizes.amax()
    else:
        kept = axis % values.ndim
        largest = sizes.amax([at for at in range(values.ndim) if at != kept], keepdim=True)
    step = largest.clamp(min=LEAST) / levels
    return values + ((values / step).round() * step - values).detach()
