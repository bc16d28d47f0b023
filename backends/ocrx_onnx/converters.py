"""Converters from ONNX to ONNX: the same network in fewer bits."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ocrx.artifacts import Format
from ocrx.errors import ConversionFailed
from ocrx.interfaces.conversion import Conversion, Converter, Progress
from ocrx.interfaces.runtimes import Availability
from ocrx.names import Precision
from ocrx_onnx.schemes import INTEGER, SYMMETRIC, Scheme

MODEL = "model.onnx"
NEEDED = ("onnx", "onnxruntime")
REMEDY = 'pip install "ocrx[quantize]"'
# The extra also installs onnxruntime, which would overwrite the files of onnxruntime-gpu.
ONLY_ONNX = "pip install onnx"


class OnnxConverter(Converter):
    """The base of these converters, which need the packages `onnx` and `onnxruntime`."""

    recipe: str
    """Raise it with every change that makes different files from the same networks."""

    def probe(self) -> Availability:
        return available()

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        return {"recipe": self.recipe, "versions": _versions()}


class HalfConverter(OnnxConverter):
    """Converts weights and arithmetic to fp16; inputs and outputs stay fp32."""

    name = "onnx-fp16"
    makes = (("onnx", "fp32", "onnx", "fp16"),)
    recipe = "4"

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        from ocrx_onnx.graph import prepared, save
        from ocrx_onnx.half import halved

        progress(0.0, "reading")
        model = prepared(conversion.artifact.path, conversion.spec.name)
        progress(0.3, "converting to fp16")
        save(halved(model, conversion.spec.name), folder / MODEL, conversion.spec.name)
        return MODEL


class QuantizingConverter(OnnxConverter):
    """Quantises convolutions and matrix products to int8, as TensorRT wants it.

    Weights get one scale per channel. Activations are quantised symmetrically about 0, with scales
    found on calibration pictures. Outputs, the first few operations (see `stem`) and all other
    operations stay fp32.
    """

    name = "onnx-int8"
    makes: tuple[tuple[Format, Precision, Format, Precision], ...] = (
        ("onnx", "fp32", "onnx", "int8"),
    )
    recipe = "4"

    def scheme(self, conversion: Conversion) -> Scheme:
        return SYMMETRIC

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        identity = conversion.calibration.identity if conversion.calibration else "none"
        return {
            **super().fingerprint(conversion),
            "calibration": identity,
            "scheme": repr(self.scheme(conversion)),
        }

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        from ocrx_onnx.graph import prepared, save
        from ocrx_onnx.quantize import quantized

        name = conversion.spec.name
        if conversion.calibration is None:
            raise ConversionFailed(
                f"int8 needs calibration pictures, and nothing says how {name} encodes its input",
                "Convert it where its family is installed, or choose another precision.",
            )
        progress(0.0, "reading")
        model = prepared(conversion.artifact.path, name)
        scheme = self.scheme(conversion)
        made = quantized(model, name, conversion.calibration, progress, scheme)
        save(made, folder / MODEL, name)
        return MODEL


class IntegerConverter(QuantizingConverter):
    """Quantises for processors: activations in uint8, and outputs of convolutions too.

    Otherwise ONNX Runtime does not compute in integers on a processor. OpenVINO reads better with
    uint8, because most activations are positive and get all of its steps. On GPUs both runtimes
    want what TensorRT wants.
    """

    name = "onnx-u8"
    makes = (("onnx", "fp32", "onnx-u8", "int8"),)
    cost = 0.9  # cheaper than onnx-int8, so that runtimes that take both formats get this one

    def scheme(self, conversion: Conversion) -> Scheme:
        return INTEGER if conversion.device in ("auto", "cpu") else SYMMETRIC


def available() -> Availability:
    """Whether the packages are here."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        remedy = ONLY_ONNX if missing == ["onnx"] else REMEDY
        return Availability(False, remedy=remedy, detail=f"{' and '.join(missing)} not installed")
    return Availability(True, _versions())


def _versions() -> str:
    return ", ".join(f"{name} {_version(name)}" for name in NEEDED)


def _version(name: str) -> str:
    for distribution in (name, f"{name}-gpu"):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "?"
