"""The edges from ONNX to ONNX: the same network in numbers of fewer bits."""

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
# Beside ONNX Runtime for GPUs, the extra's would overwrite its files.
ONLY_ONNX = "pip install onnx"


class OnnxConverter(Converter):
    """What both need: the packages `onnx` and `onnxruntime`."""

    recipe: str
    """To be raised with every change that makes other files of the same networks."""

    def probe(self) -> Availability:
        missing = [name for name in NEEDED if find_spec(name) is None]
        if missing:
            remedy = ONLY_ONNX if missing == ["onnx"] else REMEDY
            return Availability(
                False, remedy=remedy, detail=f"{' and '.join(missing)} not installed"
            )
        return Availability(True, _versions())

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        return {"recipe": self.recipe, "versions": _versions()}


class HalfConverter(OnnxConverter):
    """Weights and arithmetic in fp16, inputs and outputs in fp32."""

    name = "onnx-fp16"
    makes = (("onnx", "fp32", "onnx", "fp16"),)
    recipe = "2"

    def convert(self, conversion: Conversion, folder: Path, report: Progress) -> str:
        from ocrx_onnx.graph import prepared, save
        from ocrx_onnx.half import halved

        report(0.0, "reading")
        model = prepared(conversion.artifact.path, conversion.spec.name)
        report(0.3, "converting to fp16")
        save(halved(model, conversion.spec.name), folder / MODEL, conversion.spec.name)
        return MODEL


class QuantizingConverter(OnnxConverter):
    """Weights in int8, a scale for each channel, and the inputs of convolutions and matrix products
    rounded to int8, symmetric about 0, with the scales found on calibration pictures.

    What comes out of them, the first few, and all other operations stay in fp32.
    """

    name = "onnx-int8"
    makes: tuple[tuple[Format, Precision, Format, Precision], ...] = (
        ("onnx", "fp32", "onnx", "int8"),
    )
    recipe = "3"

    def scheme(self, conversion: Conversion) -> Scheme:
        return SYMMETRIC

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        identity = conversion.calibration.identity if conversion.calibration else "none"
        return {
            **super().fingerprint(conversion),
            "calibration": identity,
            "scheme": repr(self.scheme(conversion)),
        }

    def convert(self, conversion: Conversion, folder: Path, report: Progress) -> str:
        from ocrx_onnx.graph import prepared, save
        from ocrx_onnx.quantize import quantized

        name = conversion.spec.name
        if conversion.calibration is None:
            raise ConversionFailed(
                f"nobody knows what {name} is fed, and int8 needs its scales found on pictures",
                "Convert it where its family is installed, or choose another precision.",
            )
        report(0.0, "reading")
        model = prepared(conversion.artifact.path, name)
        scheme = self.scheme(conversion)
        made = quantized(model, name, conversion.calibration, report, scheme)
        save(made, folder / MODEL, name)
        return MODEL


class IntegerConverter(QuantizingConverter):
    """The same for processors, with activations in uint8, and what convolutions give rounded too:
    only so does ONNX Runtime compute in integers there, and OpenVINO reads better, for uint8 has
    all its steps for what is above 0, which is most. On GPUs both want them as TensorRT does."""

    name = "onnx-u8"
    makes = (("onnx", "fp32", "onnx-u8", "int8"),)
    cost = 0.9  # of two ways to what these runtimes take, the better one

    def scheme(self, conversion: Conversion) -> Scheme:
        return INTEGER if conversion.device in ("auto", "cpu") else SYMMETRIC


def _versions() -> str:
    return ", ".join(f"{name} {_version(name)}" for name in NEEDED)


def _version(name: str) -> str:
    for distribution in (name, f"{name}-gpu"):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "?"
