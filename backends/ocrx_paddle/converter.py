"""ONNX to Paddle and back, with x2paddle and paddle2onnx in an environment of their own."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

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
from ocrx_paddle.files import NotFound, network_of, parameters_of

MAKER = Path(__file__).with_name("maker.py")
REMEDY = "ocrx converters install paddle-onnx"
MAIN: Mapping[Format, str] = {"paddle": "inference.json", "onnx": "model.onnx"}

PICTURES = 2
"""The number of calibration batches on which results are compared, besides made-up ones."""

ENVIRONMENT = Environment(
    "paddle-onnx",
    (
        "flatbuffers==25.12.19",
        "httpx==0.28.1",
        "idna==3.20",
        "mpmath==1.3.0",
        "networkx==3.4.2",
        "numpy==2.2.6",
        "onnx==1.17.0",
        "onnxruntime==1.23.2",
        "opt_einsum==3.3.0",
        "packaging==26.3",
        "paddle2onnx==2.1.0",
        "paddlepaddle==3.3.1",
        "pillow==11.3.0",
        "protobuf==7.36.2",
        "safetensors==0.8.0",
        "setuptools==80.9.0",
        "six==1.17.0",
        "sympy==1.14.0",
        "typing_extensions==4.16.0",
        "x2paddle==1.6.0",
    ),
    least=(3, 10),
    below=(3, 13),
    megabytes=1100,
)


class PaddleOnnx(Converter):
    """Converts, then runs source and result, each in its own runtime, at several sizes and on
    calibration pictures. A result that differs by more than fp32 rounding is refused."""

    name = "paddle-onnx"
    makes: tuple[tuple[Format, Precision, Format, Precision], ...] = (
        ("onnx", "fp32", "paddle", "fp32"),
        ("paddle", "fp32", "onnx", "fp32"),
    )
    environment: Environment | None = ENVIRONMENT

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def probe(self) -> Availability:
        if ENVIRONMENT.python(self._cache) is None:
            return Availability(False, remedy=REMEDY, detail="its environment is not installed")
        return Availability(True, "x2paddle 1.6.0, paddle2onnx 2.1.0")

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        found = {
            "environment": ENVIRONMENT.folder(self._cache).name,
            "program": sha256_of(MAKER)[:16],
            "shapes": repr(sorted(conversion.spec.shapes.items())),
        }
        parameters = parameters_of(conversion.artifact.path)
        if conversion.artifact.format == "paddle" and parameters.is_file():
            found["parameters"] = sha256_of(parameters)
        return found

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        python = ENVIRONMENT.python(self._cache)
        if python is None:
            raise BackendMissing("paddle-onnx's environment is not installed", f"Run `{REMEDY}`.")
        source = conversion.artifact
        to = "onnx" if source.format == "paddle" else "paddle"
        with ExitStack() as stack:
            network = source.path
            if source.format == "paddle":
                try:
                    network = stack.enter_context(network_of(source.path))
                except (NotFound, OSError, tarfile.TarError) as error:
                    raise _failed(conversion, to, str(error)) from error
            job = {
                "source": str(network),
                "to": to,
                "target": str(folder / MAIN[to]),
                "trials": stack.enter_context(saved(_trials(conversion))),
            }
            failed = run_maker(python, MAKER, job, progress)
        if failed:
            raise _failed(conversion, to, failed)
        return MAIN[to]


def _failed(conversion: Conversion, to: Format, why: str) -> ConversionFailed:
    name = {"paddle": "Paddle", "onnx": "ONNX"}[to]
    first, *_ = why.splitlines() or [""]  # the other lines are Paddle's hints
    return ConversionFailed(
        f"{conversion.spec.name} cannot be converted to {name}: {first.strip().rstrip('.')}",
        "Choose another `--backend`; if the model is one of ocrx's, report it.",
    )


def _trials(conversion: Conversion) -> Iterator[Feeds]:
    """Inputs to compare on: of the typical, another and the smallest size, then calibration
    batches if there are any. Raises ConversionFailed if the model gives no shapes."""
    shapes = conversion.spec.shapes
    if not shapes:
        raise ConversionFailed(
            f"{conversion.spec.name} gives no shapes", "Report it to the model's author."
        )
    random = np.random.default_rng(0)
    for choose in (_typical, _other, _least):
        yield {
            name: trial(
                [choose(size) if isinstance(size, Axis) else size for size in shape], random
            )
            for name, shape in shapes.items()
        }
    if conversion.calibration is not None:
        yield from islice(conversion.calibration.batches(), PICTURES)


def _typical(axis: Axis) -> int:
    return axis.bucket(axis.typical)


def _other(axis: Axis) -> int:
    """A length that is neither the typical one nor a multiple of it."""
    return axis.bucket(axis.typical + axis.step if axis.step > 1 else axis.typical - 1)


def _least(axis: Axis) -> int:
    return axis.bucket(axis.minimum)
