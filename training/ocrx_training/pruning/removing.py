"""Removing channels: which matter least, and the network without them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from ocrx.types import Tensor
from ocrx_training.pruning.channels import Channels, shapes_of
from ocrx_training.pruning.choices import Importance, Scope
from ocrx_training.pruning.operations import Operations, by_operations
from ocrx_training.pruning.products import Matrix
from ocrx_training.pruning.rules import follow
from ocrx_training.pruning.surgeon import errors
from ocrx_training.pruning.ties import FROZEN, Ids, Ties

LEAST_SHARE = 0.1
"""The share of a layer's channels that always stays."""

Layer = list[int]
"""The channels that one operation makes, and all that are tied to them."""


Kept: TypeAlias = Mapping[tuple[str, int], NDArray[np.bool_]]
"""Along the axes of constants, which places are left."""


@dataclass(frozen=True)
class Pruned:
    """A network that has lost channels: `removed` of `channels` that could have gone."""

    model: onnx.ModelProto
    removed: int
    channels: int
    kept: Kept


@dataclass(frozen=True)
class Cut:
    """How much is removed: the share `ratio` of each layer, of all channels, or of operations
    (`scope`), by `importance`.
    What is left of a layer is a multiple of `multiple`. `worth` says of each weight, by the names
    of constants, what it is worth, if the weights themselves do not; `moments`, which "obs" needs,
    of products what they are given (`products.moments`)."""

    ratio: float
    scope: Scope
    importance: Importance
    multiple: int
    worth: Mapping[str, NDArray[np.float32]] | None = None
    moments: Mapping[str, Matrix] | None = None


def prune(model: onnx.ModelProto, picture: Tensor, cut: Cut, name: str) -> Pruned:
    """The tidy network without its least important channels. `picture` is an input of it, by which
    shapes are found. Raises what the importer of PyTorch raises."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    channels = Channels(copy, shapes_of(copy, picture, name))
    follow(channels)
    layers = _layers(channels)
    worth = _importance(channels, layers, cut)
    gone = _least(channels, layers, worth, cut)
    kept = _remove(channels, gone)
    return Pruned(copy, len(gone), sum(map(len, layers)), kept)


def _layers(channels: Channels) -> list[Layer]:
    """Channels that are made by one operation, or by several whose channels are the same."""
    joined = Ties()
    roots = [np.unique(channels.ties.roots(ids)) for ids in channels.made]
    joined.fresh(max((int(one.max()) for one in roots), default=0))
    for one in roots:
        free = one[one != FROZEN]
        joined.tie(free[:-1], free[1:])
    layers = defaultdict[int, Layer](list)
    for root in sorted({int(root) for one in roots for root in one} - {FROZEN}):
        layers[int(joined.roots(np.array([root]))[0])].append(root)
    return list(layers.values())


def _importance(channels: Channels, layers: Sequence[Layer], cut: Cut) -> dict[int, float]:
    """How much each channel matters, by the constants that it is part of."""
    if cut.moments is not None:
        return errors(channels, layers, cut.moments)
    if cut.worth is not None:
        return _sums(channels, cut.worth)
    importance, found = cut.importance, defaultdict[int, list[float]](list)
    scales = {
        node.input[1] for node in channels.model.graph.node if node.op_type == "BatchNormalization"
    }
    for (name, axis), ids in channels.held.items():
        array = numpy_helper.to_array(channels.constants[name]).astype(np.float64)
        if importance == "batchnorm" and name not in scales:
            continue
        if importance != "batchnorm" and array.ndim < 2:
            continue
        order = 1 if importance == "l1" else 2
        rows = np.moveaxis(array, axis, 0).reshape(len(ids), -1)
        norms = np.linalg.norm(rows, order, axis=1)
        for root, norm in zip(channels.ties.roots(ids).tolist(), norms, strict=True):
            found[root].append(norm / max(float(norms.mean()), 1e-12))
    return {root: float(np.mean(norms)) for root, norms in found.items()}


def _sums(channels: Channels, worth: Mapping[str, NDArray[np.float32]]) -> dict[int, float]:
    """What the weights of each channel are worth together."""
    found = defaultdict[int, float](float)
    for (name, axis), ids in channels.held.items():
        if name in worth:
            others = tuple(place for place in range(worth[name].ndim) if place != axis)
            sums = worth[name].sum(others)
            for root, value in zip(channels.ties.roots(ids).tolist(), sums.tolist(), strict=True):
                found[root] += value
    return dict(found)


def _least(
    channels: Channels, layers: Sequence[Layer], worth: Mapping[int, float], cut: Cut
) -> set[int]:
    """The channels to remove. Those without a known worth stay."""
    ranked = [
        sorted((root for root in layer if root in worth), key=lambda root: worth[root])
        for layer in layers
    ]
    if cut.scope == "operations":
        counts = by_operations(ranked, worth, Operations(channels), cut.ratio, cut.multiple)
    else:
        counts = _by_channels(layers, ranked, worth, cut)
    return {root for order, count in zip(ranked, counts, strict=True) for root in order[:count]}


def _by_channels(
    layers: Sequence[Layer], ranked: Sequence[Layer], worth: Mapping[int, float], cut: Cut
) -> list[int]:
    """How many channels of each layer go, for a share of its own or of all."""
    counts = [cut.ratio * len(layer) for layer in layers]
    if cut.scope == "global":
        everything = sorted(worth[root] for layer in ranked for root in layer)
        place = min(int(cut.ratio * len(everything)), len(everything) - 1)
        limit = everything[place] if everything else 0.0
        counts = [sum(worth[root] < limit for root in layer) for layer in ranked]
    found = []
    for layer, count in zip(layers, counts, strict=True):
        least = math.ceil(LEAST_SHARE * len(layer))
        left = max(least, math.ceil((len(layer) - count) / cut.multiple) * cut.multiple)
        found.append(max(0, len(layer) - left))
    return found


def _remove(channels: Channels, gone: Iterable[int]) -> Kept:
    """Take channels out of all constants, in place; what is left of these."""
    lost = np.array(sorted(gone), np.int64)

    def kept(ids: Ids) -> NDArray[np.bool_]:
        return ~np.isin(channels.ties.roots(ids), lost)

    left = {place: kept(ids) for place, ids in channels.held.items()}
    for (name, axis), stays in left.items():
        if not stays.all():
            one = channels.constants[name]
            array = np.compress(stays, numpy_helper.to_array(one), axis=axis)
            one.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), name))
    for set_size, ids in channels.sizes:
        set_size(int(kept(ids).sum()))
    return left
