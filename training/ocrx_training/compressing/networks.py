"""The networks of models as ONNX files that can be changed and trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import onnx

from ocrx.artifacts import Artifact
from ocrx.errors import ConversionFailed, NoRoute, UsageError
from ocrx.interfaces.compression import Compression
from ocrx.interfaces.networks import CtcModel, NetworkModel
from ocrx.types import Tensor
from ocrx_training.finetuning.files import Head, find_head, read_network, with_weights
from ocrx_training.finetuning.network import OnnxNetwork, Weighted
from ocrx_training.pruning.tidying import tidy

MODEL = "model.onnx"

OTHERS = "Choose a recogniser such as paddle or easyocr."


Network = TypeVar("Network", bound=OnnxNetwork)


def network_of(asked: Compression) -> onnx.ModelProto:
    """The network of the file to start from, tidy."""
    return tidy_network(asked.artifact)


def tidy_network(artifact: Artifact) -> onnx.ModelProto:
    """The network of a file, tidy."""
    return tidy(read_network(artifact.path))


def ctc_model(model: NetworkModel[object], remedy: str = OTHERS) -> CtcModel:
    """The model. Raises UsageError if it is none that CTC can train."""
    if not isinstance(model, CtcModel):
        raise UsageError(f"{model.spec.name} is no CTC network, and cannot learn", remedy)
    return model


def in_torch(
    model: onnx.ModelProto,
    family: CtcModel,
    kind: Callable[[onnx.ModelProto, Head, str], Network],
    remedy: str = OTHERS,
) -> Network:
    """The network as a module that learns. Raises UsageError if it has no such form."""
    name = family.spec.name
    try:
        head = find_head(model, len(family.charset) + 1, name)
        return kind(model, head, name)
    except (NoRoute, ConversionFailed) as error:
        raise UsageError(
            f"{name} has no form that PyTorch can train: {error.message}", remedy
        ) from error


def with_learnt(model: onnx.ModelProto, network: Weighted) -> onnx.ModelProto:
    """The file with what the module has learnt."""
    return with_weights(model, {name: one.numpy() for name, one in network.by_name().items()})


def inputs(asked: Compression) -> Iterator[Tensor]:
    """Inputs of the network, of lines to calibrate with."""
    return (next(iter(feeds.values())) for feeds in asked.calibration.batches())


def picture(asked: Compression) -> Tensor:
    """An input of the network, of more than one step."""
    return next(inputs(asked))


def write(model: onnx.ModelProto, folder: Path) -> None:
    """Write the network, checked. Raises ConversionFailed if it is not sound."""
    try:
        onnx.checker.check_model(model)
        onnx.save(model, str(folder / MODEL))
    except (onnx.checker.ValidationError, ValueError) as error:
        raise ConversionFailed(
            f"what came out is no sound network: {error}", "Report it, with the model."
        ) from error
