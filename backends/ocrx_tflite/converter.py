"""ONNX to TFLite, with onnxsim, onnx2tf and ai-edge-quantizer in an environment of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ocrx.artifacts import Axis, Format
from ocrx.conversion.environments import run_maker
from ocrx.conversion.trials import saved, trial
from ocrx.errors import BackendMissing, ConversionFailed
from ocrx.interfaces.conversion import Conversion, Converter, Environment, Progress
from ocrx.interfaces.feeds import Feeds
from ocrx.interfaces.runtimes import Availability
from ocrx.names import Precision
from ocrx.system.checksum import sha256_of
from ocrx_tflite.template import Length

HERE = Path(__file__).parent
MAKER, TEMPLATE = HERE / "maker.py", HERE / "template.py"
MAIN = "model.json"
REMEDY = "ocrx converters install onnx2tflite"

MOST_LENGTHS = 3
"""The most dynamic lengths a model may have. Each doubles the number of conversions."""

ENVIRONMENT = Environment(
    "onnx2tflite",
    (
        "absl-py==2.5.1",
        "ai-edge-litert==2.1.2",
        "ai-edge-quantizer==0.5.1",
        "backports.strenum==1.2.8",
        "flatbuffers==25.12.19",
        "immutabledict==4.3.1",
        "ml_dtypes==0.5.4",
        "numpy==2.2.6",
        "onnx==1.20.1",
        "onnx2tf==2.6.9",
        "onnxruntime==1.26.0",
        "onnxsim==0.6.5",
        "protobuf==7.35.1",
        "psutil==5.9.5",
        "pygments==2.21.0",
        "rich==15.0.0",
        "sng4onnx==2.0.1",
        "tqdm==4.67.1",
        "typing_extensions==4.16.0",
    ),
    least=(3, 11),
    below=(3, 14),
    megabytes=360,
)


class OnnxToTflite(Converter):
    """Converts a model at a few sizes and derives a template for all others; see `template.py`."""

    name = "onnx2tflite"
    makes: tuple[tuple[Format, Precision, Format, Precision], ...] = (
        ("onnx", "fp32", "tflite", "fp32"),
        ("onnx", "fp32", "tflite", "int8"),
    )
    environment: Environment | None = ENVIRONMENT

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def probe(self) -> Availability:
        if ENVIRONMENT.python(self._cache) is None:
            return Availability(False, remedy=REMEDY, detail="its environment is not installed")
        return Availability(True, "onnx2tf 2.6.9")

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        return {
            "environment": ENVIRONMENT.folder(self._cache).name,
            "program": sha256_of(MAKER)[:16] + sha256_of(TEMPLATE)[:16],
            "shapes": repr(sorted(conversion.spec.shapes.items())),
        }

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        python = ENVIRONMENT.python(self._cache)
        if python is None:
            raise BackendMissing("onnx2tflite's environment is not installed", f"Run `{REMEDY}`.")
        job = _job(conversion, folder, self.fingerprint(conversion))
        with saved(_feeds(job)) as files:
            failed = run_maker(python, MAKER, {**job, "feeds": files}, progress)
        if failed:
            raise ConversionFailed(
                f"{conversion.spec.name} cannot be converted to TFLite: {failed}",
                "Choose another `--backend`; if the model is one of ocrx's, report it.",
            )
        return MAIN


def _job(conversion: Conversion, folder: Path, made_by: Mapping[str, str]) -> dict[str, Any]:
    """The job for maker.py, as JSON values, but for the files of feeds."""
    inputs, axes, rows = _dynamic(conversion)
    lengths = [_length(name, axis) for name, axis in axes.items()]
    return {
        "source": str(conversion.artifact.path),
        "folder": str(folder),
        "precision": conversion.precision,
        "inputs": inputs,
        "lengths": [asdict(length) for length in lengths],
        "trials": _trials(lengths, list(axes.values())),
        "rows": rows,
        "made_by": dict(made_by),
    }


def _feeds(job: Mapping[str, Any]) -> Iterator[Feeds]:
    """Inputs for each trial: two pictures if the first axis counts them."""
    random = np.random.default_rng(0)
    for sizes in job["trials"]:
        feeds = {}
        known = dict(zip((one["name"] for one in job["lengths"]), sizes, strict=True))
        for name, shape in job["inputs"].items():
            inside = [known.get(size, size) for size in shape]
            feeds[name] = trial([2, *inside[1:]] if job["rows"] else inside, random)
        yield feeds


def _dynamic(
    conversion: Conversion,
) -> tuple[dict[str, list[int | str]], dict[str, Axis], bool]:
    """The inputs' shapes, with names for dynamic axes; the Axis of each name; and whether the first
    axis of every input counts pictures, which are then run one by one.

    Axes with the same range at the same place, counted from the right, count as the same, and so
    does one Axis that several inputs share.

    Raises ConversionFailed.
    """
    spec = conversion.spec
    if not spec.shapes:
        raise ConversionFailed(f"{spec.name} gives no shapes", "Report it to the model's author.")
    rows = all(isinstance(shape[0], Axis) for shape in spec.shapes.values())
    axes: dict[str, Axis] = {}
    inputs: dict[str, list[int | str]] = {}
    for name, shape in spec.shapes.items():
        inputs[name] = [1] if rows else []
        for at in range(len(inputs[name]), len(shape)):
            size = shape[at]
            if isinstance(size, Axis):
                label = {1: "width", 2: "height"}.get(len(shape) - at, f"axis {at}")
                shared = (one for one, axis in axes.items() if axis is size)
                label = next((one for one in shared if one not in inputs[name]), label)
                if axes.setdefault(label, size) != size:
                    label = f"{label} of {name}"
                    axes[label] = size
                inputs[name].append(label)
            else:
                inputs[name].append(size)
    if len(axes) > MOST_LENGTHS:
        raise ConversionFailed(
            f"{spec.name} has {len(axes)} dynamic sizes; at most {MOST_LENGTHS} can be converted",
            "Choose another `--backend`.",
        )
    return inputs, axes, rows


def _length(name: str, axis: Axis) -> Length:
    """The two lengths to convert at: the typical one, and about three fifths of it."""
    high = max(axis.bucket(axis.typical), axis.step * 2)
    low = max(1, round(high * 0.6 / axis.step)) * axis.step
    return Length(name, low if low < high else high - axis.step, high, axis.step)


def _trials(lengths: list[Length], axes: list[Axis]) -> list[list[int]]:
    """Sizes at which to compare with ONNX Runtime: larger than the converted ones, and the
    smallest."""
    beyond = [n.high + n.step * (at + 2) for at, n in enumerate(lengths)]
    least = [-(-axis.minimum // axis.step) * axis.step for axis in axes]
    return [beyond, least] if lengths else [[]]
