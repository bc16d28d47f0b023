"""The recogniser that was trained, as a file that is usable at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from ocrx.errors import ConversionFailed
from ocrx.reading.choice import split_reference
from ocrx.types import Tensor
from ocrx.weights.onnx_metadata import CHARACTERS, FAMILY, LINE_HEIGHT
from ocrx_training.charset import Charset
from ocrx_training.finetuning.files import with_weights
from ocrx_training.finetuning.origin import Lower, Origin

LARGEST_DIFFERENCE = 1e-3
"""Probabilities may differ by this much from those of the network in PyTorch."""

SMALLEST = 256
"""Constants of fewer numbers are not worth rounding."""


def network_file(
    whole: onnx.ModelProto, weights: Mapping[str, torch.Tensor], origin: Origin, charset: Charset
) -> onnx.ModelProto:
    """The network with what it has learnt, its charset, the family that encodes pictures for it,
    and the height of its lines."""
    model = with_weights(whole, {name: one.numpy() for name, one in weights.items()})
    del model.metadata_props[:]
    told = {
        CHARACTERS: "\n".join(charset.characters),
        FAMILY: split_reference(origin.reference)[0],
        LINE_HEIGHT: str(origin.model.shape(1, 1)[0]),
    }
    helper.set_model_props(model, told)
    return model


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with large constants stored in fp16, in half the size. They are cast when the
    file is opened, so it computes in the same precisions as before; the rounding changes readings
    about as rarely as bf16 does."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph, casts = copy.graph, []
    for one in graph.initializer:
        array = numpy_helper.to_array(one)
        fits = array.dtype == np.float32 and array.size >= SMALLEST
        if not fits or np.abs(array).max() > np.finfo(np.float16).max:
            continue
        name = one.name
        one.CopyFrom(numpy_helper.from_array(array.astype(np.float16), f"{name}.fp16"))
        casts.append(helper.make_node("Cast", [one.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return copy


def check_same_output(run: Lower, pictures: Tensor, expected: Tensor) -> None:
    """Raise ConversionFailed if `run` does not give, for encoded pictures, the probabilities that
    are expected, float32 (N, T, classes)."""
    found = run(pictures)
    if found.shape != expected.shape or np.abs(found - expected).max() > LARGEST_DIFFERENCE:
        raise ConversionFailed(
            "the ONNX file computes something else than the network that was trained",
            "Report it, with the versions of torch and onnx.",
        )
