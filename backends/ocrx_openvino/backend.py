"""Opening models with OpenVINO: which device, which precision, how many streams."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision

if TYPE_CHECKING:
    from ocrx_openvino.session import OpenVinoSession

REMEDY = 'pip install "openvino>=2025.0"'

# What OpenVINO calls the precisions: in the capabilities of a device, and in its properties.
# Fastest first.
CAPABILITIES: dict[Precision, str] = {"bf16": "BF16", "fp16": "FP16", "fp32": "FP32"}
HINTS: dict[Precision, str] = {"bf16": "bf16", "fp16": "f16", "fp32": "f32"}

# OpenVINO keeps a plan per layer and shape, 5000 of a kind, and grows by 4 MB with every new shape.
# Measured on PP-OCR: 512 hold all widths of lines, for which it plans in as long as it reads one,
# and some 20 sizes of pages; 128 were a tenth slower on receipts, 2000 no quicker.
CACHED_PLANS = {"CPU_RUNTIME_CACHE_CAPACITY": "512"}


_loading = threading.Lock()


def load_core() -> Any:
    """OpenVINO's entry point, one for the process: it holds drivers, and nothing of a model."""
    with _loading:
        return _load_core()


@cache
def _load_core() -> Any:
    import openvino

    # Its table of types is made on first use. Two threads that do so at once wait for each other
    # without end: one holds the table and wants Python's lock, the other holds that lock.
    openvino.Type.f32.to_dtype()
    core = openvino.Core()
    try:
        # Asking first loads the processor's plugin, so that it judges the property here and now.
        core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        core.set_property("CPU", CACHED_PLANS)
    except RuntimeError:
        # The property is an internal one. A release without it uses more memory, and it needs a
        # new core: one that was given a property it does not know opens nothing.
        return openvino.Core()
    return core


class OpenVinoBackend(Backend):
    """ONNX files and OpenVINO's own (an .xml beside its .bin), read without conversion.

    Devices are "cpu", "gpu" (or "gpu.0", "gpu.1", ...) and "npu". The device "auto" is the
    processor; the precision "auto" is the fastest that the device computes natively: bf16, else
    fp16, else fp32.
    """

    name: ClassVar[str] = "openvino"
    accepts: ClassVar[tuple[Format, ...]] = ("openvino", "onnx", "onnx-u8")
    priority: ClassVar[int] = 20

    def __init__(self, cache_dir: Path | None = None) -> None:
        """`cache_dir` is where compiled models are kept; nowhere without it."""
        self._cache_dir = cache_dir

    def probe(self) -> Availability:
        try:
            core = load_core()
            devices = tuple(name.lower() for name in core.available_devices)
            names, version = _names(core), _version()
        # A broken installation raises anything from ImportError to RuntimeError and OSError, and
        # its drivers raise what they like; whatever it was, the runtime is not usable here.
        except Exception as error:
            return Availability(False, remedy=REMEDY, detail=f"{type(error).__name__}: {error}")
        return Availability(True, version, devices, names=names)

    def open(self, artifact: Artifact, options: SessionOptions) -> OpenVinoSession:
        from ocrx_openvino.session import OpenVinoSession

        core = _load()
        device = _pick_device(core, options.device)
        hint = _pick_precision(core, device, artifact, options.precision)
        properties = _properties(device, hint, options)
        try:
            model = self._model(core, artifact, device, properties)
            return OpenVinoSession(model, artifact, max(1, options.concurrency), device)
        except RuntimeError as error:
            raise BackendError(
                f"OpenVINO cannot open {artifact.path}: {_reason(error)}",
                "If the file is damaged, delete it and fetch it again; if not, "
                "try `--backend onnxruntime`.",
            ) from error

    def _model(self, core: Any, artifact: Artifact, device: str, properties: dict[str, Any]) -> Any:
        from ocrx_openvino.compiled import CompiledModels

        if self._cache_dir is None or device != "CPU" or artifact.format == "openvino":
            return core.compile_model(core.read_model(artifact.path), device, properties)
        return CompiledModels(self._cache_dir).open(core, artifact.path, device, properties)


def _load() -> Any:
    try:
        return load_core()
    # As in `probe`: what a broken installation raises at import is not known beforehand.
    except Exception as error:
        raise BackendMissing(
            f"OpenVINO does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def _version() -> str:
    import openvino

    return str(openvino.get_version()).split("-", maxsplit=1)[0]


def _names(core: Any) -> dict[str, str]:
    """What the makers call the GPUs and NPUs."""
    found = {}
    for device in core.available_devices:
        if device != "CPU":
            # A driver raises what it likes; opening a model on the device will tell.
            with suppress(Exception):
                found[device.lower()] = str(core.get_property(device, "FULL_DEVICE_NAME"))
    return found


def _pick_device(core: Any, asked: str) -> str:
    """OpenVINO's name of the device asked for; "gpu" is the first of several."""
    devices = [str(device) for device in core.available_devices]
    name = "CPU" if asked == "auto" else asked.upper()
    for candidate in (name, f"{name}.0", name.removesuffix(".0")):
        if candidate in devices:
            return candidate
    raise DeviceMissing(
        f"OpenVINO finds no device {asked!r}, only {', '.join(devices).lower() or 'none'}",
        "Install the driver of your GPU or NPU, or choose one that is there; "
        "for NVIDIA use `--backend onnxruntime`.",
    )


def _pick_precision(core: Any, device: str, artifact: Artifact, asked: Precision) -> str:
    """The value of INFERENCE_PRECISION_HINT; PrecisionUnavailable if `asked` cannot be had."""
    held = artifact.spec.precision
    capabilities = set(core.get_property(device, "OPTIMIZATION_CAPABILITIES"))
    native = [p for p, name in CAPABILITIES.items() if name in capabilities] or ["fp32"]
    if asked == "auto" or asked == held == "int8":
        return HINTS[native[0]]
    if "int8" in (asked, held):
        raise PrecisionUnavailable(
            f"OpenVINO cannot run {artifact.spec.name} in {asked}: its weights are {held}",
            f"Choose a model that is published in {asked}, or `--precision auto`.",
        )
    if asked not in native:
        raise PrecisionUnavailable(
            f"{device.lower()} does not compute in {asked} natively",
            f"Choose one of: auto, {', '.join(native)}.",
        )
    return HINTS[asked]


def _properties(device: str, hint: str, options: SessionOptions) -> dict[str, Any]:
    properties: dict[str, Any] = {"INFERENCE_PRECISION_HINT": hint}
    if not device.startswith("CPU"):
        return properties | {"PERFORMANCE_HINT": "LATENCY"}
    if options.threads is not None:
        properties["INFERENCE_NUM_THREADS"] = options.threads
    if options.concurrency > 1:
        properties["NUM_STREAMS"] = options.concurrency
    else:
        properties["PERFORMANCE_HINT"] = "LATENCY"
    # Pinned, the threads of two sessions or two processes crowd on the same processors: up to a
    # third slower on a busy machine, and never measurably faster on an idle one.
    return properties | {"ENABLE_CPU_PINNING": False}


def _reason(error: Exception) -> str:
    """The last line of OpenVINO's message: those before say where in its source it was raised."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
