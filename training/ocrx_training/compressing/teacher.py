"""What a network says of pictures, at the steps and in the classes of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ocrx.artifacts import Artifact
from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.interfaces.networks import CtcModel
from ocrx.types import Image
from ocrx_torch.importer import import_onnx
from ocrx_training.charset import Charset


class Teacher:
    """A CTC network that reads pictures. Raises what `import_onnx` raises."""

    def __init__(self, model: CtcModel, artifact: Artifact) -> None:
        self._model = model
        self._network = import_onnx(artifact.path)

    def says(self, pictures: Sequence[Image], padding: int, charset: Charset) -> Emissions:
        """Its probabilities of that charset's characters. Pictures are encoded in the shape of the
        widest, with `padding` columns more."""
        height, width = max(self._model.shape(*one.shape[:2]) for one in pictures)
        batch = self._model.encode(pictures, (height, width + padding))
        (given,) = batch.feeds.values()
        with torch.no_grad():
            made = self._network.module(torch.from_numpy(given))
        outputs = {
            spec.name: value.numpy()
            for spec, value in zip(self._network.outputs, made, strict=True)
        }
        return in_charset(self._model.emissions(outputs, batch), charset)


def in_charset(emissions: Emissions, charset: Charset) -> Emissions:
    """The same as probabilities of other characters: those that are not among them are left out,
    and the rest adds up to 1."""
    values = np.exp(emissions.values) if emissions.log else emissions.values
    if "".join(emissions.charset) == charset.characters:
        return Emissions(values, emissions.charset, emissions.fractions)
    places = {char: place for place, char in enumerate(charset.characters, 1)}
    folded = [charset.folded(char) for char in emissions.charset]
    target = np.array([BLANK, *(places.get(char, -1) for char in folded)])
    known = np.flatnonzero(target >= 0)
    told = np.zeros((charset.classes, *values.shape[:2]), values.dtype)
    np.add.at(told, target[known], values.transpose(2, 0, 1)[known])
    told /= np.maximum(told.sum(0), 1e-9)
    return Emissions(
        np.ascontiguousarray(told.transpose(1, 2, 0)), charset.characters, emissions.fractions
    )


def aligned(emissions: Emissions, steps: int, fractions: Sequence[float]) -> NDArray[np.floating]:
    """The probabilities at so many steps, of which the first `fractions` of each row show the
    picture: float (N, steps, C). Each is the mean of the steps that lie where it lies."""
    values, own = emissions.values, emissions.fractions
    rows, count, _ = values.shape
    if count == steps and np.allclose(own, fractions, atol=0.5 / steps):
        return values
    sums = np.concatenate([np.zeros_like(values[:, :1]), values.cumsum(1)], axis=1)
    found = np.empty((rows, steps, values.shape[2]), values.dtype)
    for row in range(rows):
        scale = own[row] / fractions[row] * count / steps
        ends = np.minimum(np.arange(steps + 1) * scale, count)
        low = np.minimum(ends.astype(int), count - 1)
        part = (ends - low)[:, None].astype(values.dtype)
        upto = sums[row, low] * (1 - part) + sums[row, low + 1] * part
        lengths = np.diff(ends)
        found[row] = np.diff(upto, axis=0) / np.maximum(lengths, 1e-9)[:, None]
        found[row, lengths <= 0] = values[row, -1]
    return found
