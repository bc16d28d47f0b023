"""The trained network as an ONNX file, for any runtime."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from ocrx.errors import ConversionFailed
from ocrx_training.charset import Charset
from ocrx_training.files import write_whole
from ocrx_training.networks.crnn import HEIGHT

INPUT, OUTPUT = "pictures", "probabilities"
OPSET = 17
LARGEST_DIFFERENCE = 1e-3
CHECKED = ((1, 32), (3, 96), (2, 320))
"""Sizes, lines and columns, at which the file is compared with the network."""


class _Reading(nn.Module):
    """The network with the softmax that readers expect."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Probabilities, float32 (N, T, classes)."""
        logits: torch.Tensor = self.network(pictures)
        return logits.softmax(2)


def export_onnx(network: nn.Module, name: str, charset: Charset, path: Path) -> None:
    """Write the network to an ONNX file that takes any number of lines of any width.

    Input `pictures`: float32 (N, 3, 32, W) in [-1, 1]. Output `probabilities`: float32 (N, T,
    classes), class 0 the blank. The metadata key `character` has the other classes, a line each, as
    in PP-OCR's files, and `recognizer` the name of the one that reads with it. Raises
    ConversionFailed if the file computes anything else than the network, OutputError if it cannot
    be written.
    """
    reading = _Reading(network).cpu().eval()
    with TemporaryDirectory(prefix="ocrx-train-") as folder, warnings.catch_warnings():
        file = Path(folder, "network.onnx")
        warnings.simplefilter("ignore")  # the exporter's own, of an LSTM with any batch
        torch.onnx.export(
            reading,
            (torch.zeros(2, 3, HEIGHT, 96),),
            str(file),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "N", 3: "W"}, OUTPUT: {0: "N", 1: "T"}},
            opset_version=OPSET,
            dynamo=False,
        )
        content = _with_metadata(
            file.read_bytes(), {"character": "\n".join(charset.characters), "recognizer": name}
        )
    _check(reading, content)
    write_whole(path, content)


def _with_metadata(content: bytes, metadata: dict[str, str]) -> bytes:
    import onnx

    model = onnx.load_model_from_string(content)
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    serialized: bytes = model.SerializeToString()
    return serialized


def _check(reading: nn.Module, content: bytes) -> None:
    """Compare the file with the network, with onnx's own evaluator."""
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(content)
    torch.manual_seed(0)
    for lines, columns in CHECKED:
        pictures = torch.rand(lines, 3, HEIGHT, columns) * 2 - 1
        with torch.inference_mode():
            expected = reading(pictures).numpy()
        (output,) = evaluator.run(None, {INPUT: pictures.numpy()})
        found = np.asarray(output)
        if found.shape != expected.shape or np.abs(found - expected).max() > LARGEST_DIFFERENCE:
            raise ConversionFailed(
                f"the ONNX file computes something else for {lines} lines of {columns} columns",
                "Report it, with the versions of torch and onnx.",
            )
