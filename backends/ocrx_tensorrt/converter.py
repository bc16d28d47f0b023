"""Converts ONNX to TensorRT engines, each built for one kind of GPU."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocrx.artifacts import Axis, ShapeProfile
from ocrx.errors import BackendError, DeviceMissing, OcrxError
from ocrx.interfaces.conversion import Conversion, Converter, Progress
from ocrx.interfaces.runtimes import Availability
from ocrx_tensorrt.builder import Plan, build_engine
from ocrx_tensorrt.caches import BlobFile
from ocrx_tensorrt.driver import CudaError, Gpu, NoDriver, architecture_of, find_gpu, name_of
from ocrx_tensorrt.library import (
    ONE_AT_A_TIME,
    Library,
    driver_remedy,
    load_library,
    this_platform,
)
from ocrx_tensorrt.options import TensorRtConverterOptions
from ocrx_tensorrt.passport import Passport

ENGINE = "model.engine"

# Raise it with every change to this package that makes different engines from the same networks.
RECIPE = "1"


@dataclass(frozen=True)
class Target:
    """What an engine is built for: an architecture such as "sm89", and the GPU that it is built on,
    if any, as its index and its vendor's name."""

    architecture: str
    gpu: int | None = None
    card: str = ""


class TensorRtConverter(Converter):
    """Builds engines for the GPU that they will run on.

    The device "auto" means the first GPU. With TensorRT for RTX the device may be an architecture
    such as "sm89" instead: the engine is then built without a GPU, for another machine.
    """

    name = "tensorrt"
    makes = (
        ("onnx", "fp32", "tensorrt", "fp32"),
        ("onnx", "fp32", "tensorrt", "fp16"),
        ("onnx", "fp16", "tensorrt", "fp16"),
        ("onnx", "int8", "tensorrt", "int8"),
    )
    cost = 2.0

    def __init__(self, options: TensorRtConverterOptions, cache_dir: Path) -> None:
        self._options = options
        self._cache_dir = cache_dir

    def probe(self) -> Availability:
        try:
            library = load_library(self._options.library)
        except OcrxError as error:
            remedy = error.remedy.removeprefix("Get it with: ")
            return Availability(False, remedy=remedy, detail=error.message)
        return Availability(True, f"{library.name} {library.version}", architectures(library))

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        library = load_library(self._options.library)
        target = find_target(library, conversion.device)
        options = {k: v for k, v in asdict(self._options).items() if k != "library"}
        return {
            "recipe": RECIPE,
            "runtime": f"{library.name} {library.version}",
            "platform": this_platform(),
            "architecture": target.architecture,
            "card": target.card if library.measures else "",
            "shapes": describe_shapes(conversion.spec.shapes),
            "options": json.dumps(options, sort_keys=True),
            "from": f"{conversion.artifact.format} {conversion.artifact.spec.precision}",
        }

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        library = load_library(self._options.library)
        target = find_target(library, conversion.device)
        plan = Plan(
            conversion.spec.name,
            conversion.artifact.path,
            conversion.artifact.spec.precision,
            conversion.precision,
            conversion.spec.shapes,
            "" if library.measures else target.architecture,
            self._options,
        )
        name = f"timings-{library.name}-{library.version}-{target.architecture}"
        timings = BlobFile(self._cache_dir, f"{name}-{_plain(target.card)}.cache")
        with ONE_AT_A_TIME, _on(target.gpu):
            engine = build_engine(library, plan, timings, progress)
        path = folder / ENGINE
        path.write_bytes(engine)
        Passport(
            library.name,
            library.version,
            this_platform(),
            target.architecture,
            conversion.precision,
        ).write(path)
        return ENGINE


def find_target(library: Library, device: str) -> Target:
    """What to build for, given the requested device.

    Raises DeviceMissing, which lists the devices available, and BackendError if the driver fails.
    """
    known = architectures(library)
    if device in known:
        return Target(device)
    try:
        index = find_gpu(device)
        target = Target(architecture_of(index), index, name_of(index))
    except NoDriver as error:
        raise DeviceMissing(f"there is no GPU to build for: {error}", _remedy(known)) from error
    except CudaError as error:
        raise BackendError(
            f"the NVIDIA driver fails: {error}", "Check with `nvidia-smi`."
        ) from error
    if known and target.architecture not in known:
        raise DeviceMissing(
            f"{library.name} {library.version} does not build for {target.card} "
            f"({target.architecture}), only for {', '.join(known)}",
            'Use TensorRT itself (pip install "ocrx[tensorrt]"), or `--backend onnxruntime`.',
        )
    return target


def architectures(library: Library) -> tuple[str, ...]:
    """The architectures that engines can be built for without a GPU. TensorRT proper has none."""
    if library.measures:
        return ()
    names = getattr(getattr(library.module, "ComputeCapability", None), "__members__", {})
    return tuple(name.lower() for name in names if name.startswith("SM"))


def _remedy(known: tuple[str, ...]) -> str:
    if known:
        return f"To build for a GPU in another machine, use one of the devices {', '.join(known)}."
    return f"Get it with: {driver_remedy()}"


@contextmanager
def _on(gpu: int | None) -> Iterator[None]:
    """Make the GPU current while the block runs. Raises BackendError if the driver fails."""
    if gpu is None:
        yield
        return
    try:
        held = Gpu(gpu)
        try:
            with held.current():
                yield
        finally:
            held.close()
    except CudaError as error:
        raise BackendError(
            f"the NVIDIA driver fails: {error}", "Check with `nvidia-smi`."
        ) from error


def describe_shapes(shapes: ShapeProfile) -> str:
    """The ranges that an engine is built for, such as "x: 1..6..16 3 48 64..320..3200"."""
    return "; ".join(
        f"{name}: {' '.join(_describe(d) for d in dimensions)}"
        for name, dimensions in sorted(shapes.items())
    )


def _describe(dimension: Any) -> str:
    if isinstance(dimension, Axis):
        return f"{dimension.minimum}..{dimension.typical}..{dimension.maximum}"
    return str(dimension)


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name) or "any"
