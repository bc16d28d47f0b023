"""How much a network errs without channels, when what is left makes up for them.

A product without some inputs, and with the weights that least squares find for the others, errs by
an amount that its inputs' moments tell. The channel by which it errs least goes first, then the
next: B. Hassibi, D. Stork, "Optimal Brain Surgeon", 1993; for whole channels E. Kurtic and others,
"ZipLM: Inference-Aware Structured Pruning of Language Models", 2023 (arXiv:2302.04089).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from ocrx_training.pruning.channels import Channels
from ocrx_training.pruning.products import Matrix, Product, products
from ocrx_training.pruning.rules import GATES, attribute
from ocrx_training.pruning.ties import Ids

RIDGE = 1e-3
"""What is added to the moments of inputs, as a share of an input's mean square."""

MIXING = ("Conv", "ConvTranspose", "MatMul", "Gemm", *GATES)
"""Operations that make channels of other ones."""


class _Taker:
    """A product that takes channels. `columns` are those of its inputs that come with each channel,
    of shape (channels, inputs of a channel)."""

    def __init__(
        self, product: Product, weights: Matrix, moments: Matrix, columns: NDArray[np.intp]
    ) -> None:
        if not product.bias:
            moments = moments[:-1, :-1]
        count = len(moments)
        weights = np.pad(weights, ((0, 0), (0, 1)))[:, :count]
        ridge = RIDGE * np.trace(moments) / count * np.eye(count)
        self._inverse = np.linalg.inv(moments + ridge)
        self._weights = self._inverse @ (moments @ weights.T)
        self._columns = columns
        self._scale = max(float(np.trace(weights @ moments @ weights.T)), 1e-12)

    def errors(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """How much more it errs without each of these channels, as a share of what it makes."""
        taken = self._columns[places]
        blocks = np.linalg.inv(self._inverse[taken[:, :, None], taken[:, None, :]])
        weights = self._weights[taken]
        found: NDArray[np.float64] = np.einsum("cio,cij,cjo->c", weights, blocks, weights)
        return found / self._scale

    def remove(self, place: int) -> None:
        """Take a channel away, and have the others make up for it."""
        taken = self._columns[place]
        block = np.linalg.inv(self._inverse[np.ix_(taken, taken)])
        beside = self._inverse[:, taken] @ block
        self._weights -= beside @ self._weights[taken]
        self._inverse -= beside @ self._inverse[taken]


def errors(
    channels: Channels, layers: Sequence[Sequence[int]], moments: Mapping[str, Matrix]
) -> dict[int, float]:
    """For each channel, by how much more the products that take it err when it goes after all that
    matter less, as a share of what they make. `layers` are channels that can go instead of
    each other. `moments` are those of the inputs of products (`products.moments`), by the names of
    their weights. Channels that anything else mixes have no place in what is returned."""
    known = {one.weight: one for one in products(channels.model)}
    mixing = set(_mixing(channels.model))
    mixed = [
        (name, axis, channels.ties.roots(ids))
        for (name, axis), ids in channels.held.items()
        if name in mixing
    ]
    found: dict[int, float] = {}
    for layer in layers:
        takers = _takers(channels, layer, mixed, known, moments)
        if takers:
            found |= _in_turn(layer, takers)
    return found


def _takers(
    channels: Channels,
    layer: Sequence[int],
    mixed: Sequence[tuple[str, int, Ids]],
    known: Mapping[str, Product],
    moments: Mapping[str, Matrix],
) -> list[_Taker]:
    """The products that take channels of a layer; none if something else mixes these. `mixed` are
    the channels along the axes of constants that mix."""
    found = []
    for name, axis, roots in mixed:
        if not np.isin(layer, roots).any():
            continue
        if name not in moments:
            return []
        product = known[name]
        if axis != product.inside:
            continue
        columns = _columns(roots, layer, channels.shapes[name])
        if columns is None:
            return []
        weights = product.matrix(numpy_helper.to_array(channels.constants[name]))
        found.append(_Taker(product, weights, moments[name], columns))
    return found


def _mixing(model: onnx.ModelProto) -> Iterator[str]:
    """The constants in which each channel has a number for each of other channels."""
    for node in model.graph.node:
        alone = node.op_type == "Conv" and attribute(node, "group", 1) > 1
        if node.op_type in MIXING and not alone:
            yield from node.input[1 : 3 if node.op_type in GATES else 2]


def _columns(roots: Ids, layer: Sequence[int], shape: Sequence[int]) -> NDArray[np.intp] | None:
    """Which inputs of a product come with each channel of a layer; None if these differ in
    number."""
    each = int(np.prod(shape[2:]))
    places = [np.flatnonzero(roots == root) for root in layer]
    if len({len(one) for one in places}) > 1:
        return None
    starts = np.stack(places)[:, :, None] * each + np.arange(each)
    return starts.reshape(len(layer), -1)


def _in_turn(layer: Sequence[int], takers: Sequence[_Taker]) -> dict[int, float]:
    """The error that each channel adds when it goes, the least first, and none less than the one
    before."""
    left, added = np.arange(len(layer)), 0.0
    found: dict[int, float] = {}
    while len(left):
        costs = np.sum([one.errors(left) for one in takers], axis=0)
        place = int(costs.argmin())
        added = max(added, float(costs[place]))
        found[layer[left[place]]] = added
        for one in takers:
            one.remove(int(left[place]))
        left = np.delete(left, place)
    return found
