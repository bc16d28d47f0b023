"""What is left of a network makes up for the channels that it has lost.

A product that is given fewer channels makes something else than before. As far as the lost ones are
like those that are left, other weights on these make the same again: those that least squares find
on pictures (Y. He, X. Zhang, J. Sun, "Channel Pruning for Accelerating Very Deep Neural Networks",
2017, arXiv:1707.06168). Nothing is learnt, and no text is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from ocrx_training.pruning.products import Matrix, Product, products
from ocrx_training.pruning.removing import Kept, Pruned

RIDGE = 1e-3
"""How strongly weights are held where they are, as a share of an input's mean square."""


def refit(source: onnx.ModelProto, pruned: Pruned, known: Mapping[str, Matrix]) -> int:
    """Fit the weights of products that have lost inputs to what the network `source` gave, in
    place; how many products that were. `known` are the moments of `source` (`products.moments`).
    Recurrent layers, and what `prune` does not follow, stay as they are."""
    taking = [one for one in products(source) if not _whole(pruned.kept, one)]
    for product in taking:
        _fit(source, pruned, product, known[product.weight])
    return len(taking)


def _fit(source: onnx.ModelProto, pruned: Pruned, product: Product, known: Matrix) -> None:
    """Give a product other weights, and another bias if it has one."""
    weights = {one.name: one for one in pruned.model.graph.initializer}
    before = next(one for one in source.graph.initializer if one.name == product.weight)
    whole = product.matrix(numpy_helper.to_array(before))
    outputs = pruned.kept.get((product.weight, product.outside), np.ones(len(whole), np.bool_))
    found = _fitted(product, known, pruned.kept, whole[outputs])
    one = weights[product.weight]
    one.CopyFrom(numpy_helper.from_array(product.array(found[:, :-1], tuple(one.dims)), one.name))
    if product.bias:
        bias = weights[product.bias]
        values = numpy_helper.to_array(bias)
        moved = values + found[:, -1].reshape(values.shape).astype(np.float32)
        bias.CopyFrom(numpy_helper.from_array(moved, bias.name))


def _whole(kept: Kept, product: Product) -> bool:
    """Whether a product has all of its inputs."""
    stays = kept.get((product.weight, product.inside))
    return stays is None or bool(stays.all())


def _fitted(product: Product, known: Matrix, kept: Kept, whole: NDArray[Any]) -> Matrix:
    """The weights (outputs, inputs that are left + 1) that make of these what `whole`, of shape
    (outputs, inputs), makes of all, as nearly as can be. The last are to be added to the bias, and
    0 if there is none. `known` are the moments of all inputs."""
    each = kept[product.weight, product.inside]
    stays = np.append(np.repeat(each, whole.shape[1] // len(each)), True)
    whole = np.pad(whole, ((0, 0), (0, 1)))
    found: Matrix = whole[:, stays]
    fitted = stays.copy()
    fitted[-1] = bool(product.bias)
    inner = known[np.ix_(fitted, fitted)]
    missing = known[np.ix_(fitted, ~stays)] @ whole[:, ~stays].T
    ridge = np.full(len(inner), RIDGE * np.trace(inner) / len(inner))
    ridge[int(stays[:-1].sum()) :] = 0  # a bias may move at will
    found[:, : len(inner)] += np.linalg.solve(inner + np.diag(ridge), missing).T
    return found
