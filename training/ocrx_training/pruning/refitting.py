"""What is left of a network makes up for the channels that it has lost.

A product that is given fewer channels makes something else than before. As far as the lost ones are
like those that are left, other weights on these make the same again: those that least squares find
on pictures. Products are fitted one after the other, each to what it made of what the whole network
gave it, so that it also makes up for what those before it could not. Nothing is learnt, and no text
is needed (Y. He, X. Zhang, J. Sun, "Channel Pruning for Accelerating Very Deep Neural Networks",
2017, arXiv:1707.06168).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from ocrx.types import Tensor
from ocrx_training.pruning.products import Matrix, Product, given_to, products
from ocrx_training.pruning.removing import Kept, Pruned

RIDGE = 1e-3
"""How strongly weights are held where they are, as a share of an input's mean square."""


def refit(source: onnx.ModelProto, pruned: Pruned, batches: Sequence[Tensor], name: str) -> int:
    """Fit the weights of products that have lost inputs to what the network `source` gave, in
    place; how many products that were. `batches` are inputs of the network, float32 (N, C, H, W).
    Recurrent layers, and what `prune` does not follow, stay as they are. Raises what `import_model`
    raises."""
    weights = {one.name: one for one in pruned.model.graph.initializer}
    before = {one.name: one for one in source.graph.initializer}
    taking = [one for one in products(source) if not _whole(pruned.kept, one)]
    for product in taking:
        whole = product.matrix(numpy_helper.to_array(before[product.weight]))
        outputs = pruned.kept.get((product.weight, product.outside), np.ones(len(whole), np.bool_))
        moments = _moments(source, pruned.model, product, batches, name)
        found = _fitted(product, moments, pruned.kept, whole[outputs])
        one = weights[product.weight]
        array = product.array(found[:, :-1], tuple(one.dims))
        one.CopyFrom(numpy_helper.from_array(array, one.name))
        if product.bias:
            bias = weights[product.bias]
            values = numpy_helper.to_array(bias)
            moved = values + found[:, -1].reshape(values.shape).astype(np.float32)
            bias.CopyFrom(numpy_helper.from_array(moved, bias.name))
    return len(taking)


def _whole(kept: Kept, product: Product) -> bool:
    """Whether a product has all of its inputs."""
    stays = kept.get((product.weight, product.inside))
    return stays is None or bool(stays.all())


def _moments(
    source: onnx.ModelProto,
    pruned: onnx.ModelProto,
    product: Product,
    batches: Sequence[Tensor],
    name: str,
) -> tuple[Matrix, Matrix]:
    """The mean of each input that is left times each of these, and times each that the network
    `source` gives. The last of both is always 1."""
    inner: Any = 0.0
    cross: Any = 0.0
    places = 0
    pairs = zip(
        given_to(pruned, [product], batches, name),
        given_to(source, [product], batches, name),
        strict=True,
    )
    for (left,), (given,) in pairs:
        rows, wanted = product.rows(left), product.rows(given)
        inner = inner + (rows.T @ rows).numpy()
        cross = cross + (rows.T @ wanted).numpy()
        places += len(rows)
    return inner / places, cross / places


def _fitted(
    product: Product, moments: tuple[Matrix, Matrix], kept: Kept, whole: NDArray[Any]
) -> Matrix:
    """The weights (outputs, inputs that are left + 1) that make of these what `whole`, of shape
    (outputs, inputs), made of all, as nearly as can be. The last are to be added to the bias, and 0
    if there is none."""
    inner, cross = moments
    each = kept[product.weight, product.inside]
    stays = np.append(np.repeat(each, whole.shape[1] // len(each)), True)
    whole = np.pad(whole, ((0, 0), (0, 1)))
    start = whole[:, stays]
    missing = cross @ whole.T - inner @ start.T
    count = len(inner) if product.bias else len(inner) - 1
    ridge = np.full(count, RIDGE * np.trace(inner) / len(inner))
    ridge[len(inner) - 1 :] = 0  # a bias may move as far as it has to
    moved = np.linalg.solve(inner[:count, :count] + np.diag(ridge), missing[:count])
    found: Matrix = start.copy()
    found[:, :count] += moved.T
    return found
