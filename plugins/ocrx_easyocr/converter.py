"""EasyOCR's checkpoints to ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ocrx.artifacts import Format
from ocrx.errors import ConversionFailed
from ocrx.interfaces.conversion import Conversion, Converter, Progress
from ocrx.interfaces.runtimes import Availability
from ocrx.names import Precision

CRAFT: Format = "easyocr-craft"
"""A checkpoint of the detector CRAFT."""

CRNN: Format = "easyocr-crnn"
"""A checkpoint of a recogniser, of either generation."""

MODEL = "model.onnx"
RECIPE = "1"
"""Raise it with every change that makes different files from the same checkpoints."""


class EasyOcrToOnnx(Converter):
    """Builds the network of a checkpoint in ONNX, with its weights. It needs the package `onnx`,
    and neither EasyOCR nor PyTorch. Code in a checkpoint is not run."""

    name = "easyocr-onnx"
    makes: tuple[tuple[Format, Precision, Format, Precision], ...] = (
        (CRAFT, "fp32", "onnx", "fp32"),
        (CRNN, "fp32", "onnx", "fp32"),
    )

    def probe(self) -> Availability:
        if find_spec("onnx") is None:
            return Availability(
                False, remedy="pip install 'ocrx[easyocr]'", detail="onnx not installed"
            )
        return Availability(True, f"onnx {version('onnx')}")

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        return {"recipe": RECIPE, "shapes": repr(sorted(conversion.spec.shapes.items()))}

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        import onnx

        from ocrx_easyocr.checkpoint import read_checkpoint
        from ocrx_easyocr.craft import craft
        from ocrx_easyocr.crnn import crnn

        path = conversion.artifact.path
        progress(0.0, "reading")
        weights = read_checkpoint(path)
        progress(0.5, "writing")
        if conversion.artifact.format == CRAFT:
            model = craft(weights, str(path))
        else:
            _, _, height, _ = next(iter(conversion.spec.shapes.values()))
            if not isinstance(height, int):
                raise ConversionFailed(
                    f"{conversion.spec.name} gives no height of lines", "Report it to its author."
                )
            model = crnn(weights, str(path), height)
        onnx.save(model, folder / MODEL)
        return MODEL
