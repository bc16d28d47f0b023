"""How channels pass through operations that only name axes anew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import numpy_helper

from ocrx_training.pruning.channels import Axes, Channels, Shape
from ocrx_training.pruning.ties import Ids


def reshape(channels: Channels, node: onnx.NodeProto) -> None:
    """Axes that stay keep their channels. Those that are joined have them repeated, if only one of
    them had any. Channels of an axis that is split are frozen."""
    given, made = node.input[0], node.output[0]
    before, after = channels.shapes[given], channels.shapes[made]
    axes = channels.axes(given)
    left: Axes = [None] * len(after)
    for old, new in _blocks(before, after):
        wide = [place for place in new if after[place] > 1]
        followed = [(place, ids) for place in old if (ids := axes[place]) is not None]
        if len(wide) == 1 and len(followed) == 1:
            place, ids = followed[0]
            left[wide[0]] = _joined(ids, before, old, place)
        else:
            channels.freeze([ids for _, ids in followed])
    channels.give(made, left)
    if node.op_type == "Reshape":
        _write_sizes(channels, node.input[1], left)


def _blocks(before: Shape, after: Shape) -> Iterator[tuple[range, range]]:
    """The smallest runs of axes of the two shapes that hold the same numbers."""
    first = second = 0
    while first < len(before) or second < len(after):
        start, begin = first, second
        old, new = 1, 1
        while first < len(before) and (first == start or old < new):
            old, first = old * before[first], first + 1
        while second < len(after) and (second == begin or new < old):
            new, second = new * after[second], second + 1
        while old != new:
            if old < new:
                old, first = old * before[first], first + 1
            else:
                new, second = new * after[second], second + 1
        yield range(start, first), range(begin, second)


def _joined(ids: Ids, before: Shape, block: range, place: int) -> Ids:
    """The channels along the axis that a block of axes becomes. They lie along the one at
    `place`."""
    outside = int(np.prod(before[block.start : place]))
    inside = int(np.prod(before[place + 1 : block.stop]))
    return np.tile(np.repeat(ids, inside), outside)


def _write_sizes(channels: Channels, shape: str, axes: Axes) -> None:
    """Have literal sizes of the new shape follow the number of channels."""
    for place, ids in enumerate(axes):
        found = _literal(channels, shape, place)
        if ids is not None and found is not None:
            channels.write_constant(*found, ids)


def _literal(channels: Channels, name: str, place: int) -> tuple[str, int] | None:
    """The constant, and the place in it, that a number of a shape is written in; None if it is
    computed, or left to the runtime."""
    if name in channels.constants:
        values = numpy_helper.to_array(channels.constants[name]).reshape(-1)
        value = int(values[place])
        return (name, place) if value > 0 else None
    maker = channels.makers.get(name)
    if maker is None:
        return None
    if maker.op_type in ("Cast", "Unsqueeze", "Squeeze"):
        return _literal(channels, maker.input[0], place)
    if maker.op_type == "Concat":
        for part in maker.input:
            length = int(np.prod(channels.shapes[part]))
            if place < length:
                return _literal(channels, part, place)
            place -= length
    return None
