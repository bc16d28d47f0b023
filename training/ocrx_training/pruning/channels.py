"""Which channels of an ONNX network hang together.

A convolution makes channels. A residual addition makes channels of two convolutions the same, a
normalisation has numbers for each, the next convolution takes them. So a channel lies in many
constants, and all of them lose it together. Channels are followed forward through the graph, each
on its own: through concatenations, the gates of recurrent layers, and reshapes that join axes.
What an operation without a rule takes is frozen, so an unknown operation costs only freedom.

The idea of groups of coupled channels is that of G. Fang and others, "DepGraph: Towards Any
Structural Pruning", 2023 (arXiv:2301.12900).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from ocrx.types import Tensor
from ocrx_torch.importer import import_model
from ocrx_training.finetuning.files import with_outputs
from ocrx_training.pruning.ties import FROZEN, Ids, Ties

Axes: TypeAlias = list[Ids | None]
"""The channels along each axis of a tensor; None for an axis that has none."""

Shape: TypeAlias = tuple[int, ...]

SetSize: TypeAlias = Callable[[int], None]
"""Writes a number of channels into the network, where that is written out."""


class Channels:
    """The channels of a network.

    `held` has those along the axes of constants, `made` those that one operation makes, `sizes`
    where their number is written. `ties` tells which are the same.
    """

    def __init__(self, model: onnx.ModelProto, shapes: Mapping[str, Shape]) -> None:
        self.model, self.shapes = model, shapes
        self.ties = Ties()
        self.held: dict[tuple[str, int], Ids] = {}
        self.made: list[Ids] = []
        self.sizes: list[tuple[SetSize, Ids]] = []
        self.constants = {one.name: one for one in model.graph.initializer}
        self.makers = {name: node for node in model.graph.node for name in node.output}
        self._axes: dict[str, Axes] = {}

    def rank(self, name: str) -> int:
        """The number of axes of a tensor."""
        return len(self.shapes[name])

    def axes(self, name: str) -> Axes:
        """The channels of what an operation has made, or of what the network is fed."""
        return self._axes.get(name, [None] * self.rank(name))

    def of_constant(self, name: str, axis: int) -> Ids:
        """The channels along an axis of a constant, new ones if it was not met before."""
        key = name, axis % self.rank(name)
        if key not in self.held:
            self.held[key] = self.ties.fresh(self.shapes[name][key[1]])
        return self.held[key]

    def along(self, name: str, axis: int) -> Ids | None:
        """The channels along an axis of any tensor."""
        if name in self.constants:
            return self.of_constant(name, axis)
        return self.axes(name)[axis]

    def give(self, name: str, axes: Sequence[Ids | None]) -> None:
        """Say what an operation makes."""
        self._axes[name] = list(axes)

    def make(self, ids: Ids) -> Ids:
        """Note channels that an operation makes."""
        self.made.append(ids)
        return ids

    def join(self, first: Ids | None, second: Ids | None) -> Ids | None:
        """What two axes have in common: their channels tied; frozen if one of them has none."""
        if first is None or second is None:
            self.freeze([first, second])
            return None
        self.ties.tie(first, second)
        return first

    def freeze(self, axes: Sequence[Ids | None]) -> None:
        """Keep channels along these axes from being removed."""
        for ids in axes:
            if ids is not None:
                self.ties.freeze(ids)

    def frozen(self, count: int) -> Ids:
        """Channels that cannot be removed."""
        return np.full(count, FROZEN, np.int64)

    def write_attribute(self, node: onnx.NodeProto, name: str, ids: Ids) -> None:
        """Have an attribute tell how many of these channels are left."""

        def set_size(count: int) -> None:
            for one in node.attribute:
                if one.name == name:
                    one.i = count

        self.sizes.append((set_size, ids))

    def write_constant(self, name: str, place: int, ids: Ids) -> None:
        """Have a number of an integer constant tell how many of these channels are left."""

        def set_size(count: int) -> None:
            one = self.constants[name]
            values = numpy_helper.to_array(one).copy()
            values.reshape(-1)[place] = count
            one.CopyFrom(numpy_helper.from_array(values, name))

        self.sizes.append((set_size, ids))


def shapes_of(model: onnx.ModelProto, picture: Tensor, name: str) -> dict[str, Shape]:
    """The shape of each tensor of the network for that input. Raises what `import_model` raises."""
    names = [one for node in model.graph.node for one in node.output if one]
    with torch.inference_mode():
        module = import_model(with_outputs(model, names), name).module
        made = module(torch.from_numpy(picture))
    shapes = {one.name: tuple(one.dims) for one in model.graph.initializer}
    shapes |= {one: tuple(value.shape) for one, value in zip(names, made, strict=True)}
    given = [entry.name for entry in model.graph.input if entry.name not in shapes]
    return shapes | dict.fromkeys(given, tuple(picture.shape))
