"""Opens models with OpenVINO and decides their device, precision and streams."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.system.processor import Processor, processor

if TYPE_CHECKING:
    from ocrx_openvino.session import OpenVinoSession

REMEDY = 'pip install "openvino>=2025.0"'

# OpenVINO's names of the precisions, in a device's capabilities and in its properties; fastest
# first.
CAPABILITIES: dict[Precision, str] = {"bf16": "BF16", "fp16": "FP16", "fp32": "FP32"}
FIRST = 20
"""The priority on most processors."""

SECOND = 8
"""The priority where ONNX Runtime, which has 10, is faster."""

HINTS: dict[Precision, str] = {"bf16": "bf16", "fp16": "f16", "fp32": "f32"}

# OpenVINO caches plans per layer and shape, up to 5000 for every stream, and grows by 2 MB with
# every new shape. Measured on PP-OCR with 20 widths of lines in turn: 256 plans are as fast as 512
# (0.97 of the time), and 50 widths take 27 MB less; with 128 every line is planned anew (1.17).
CACHED_PLANS = {"CPU_RUNTIME_CACHE_CAPACITY": "256"}


_loading = threading.Lock()


def load_core() -> Any:
    """OpenVINO's entry point. The process shares one, because it holds drivers and no models.

    Raises ImportError, or whatever else a broken installation raises.
    """
    with _loading:
        return _load_core()


@cache
def _load_core() -> Any:
    import openvino

    # OpenVINO builds its table of types on first use. Two threads that do so at once deadlock: one
    # holds the table and waits for the GIL, the other holds the GIL and waits for the table.
    openvino.Type.f32.to_dtype()
    core = openvino.Core()
    try:
        # Reading a property first loads the CPU plugin, which then accepts or rejects the next one
        # at once.
        core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        core.set_property("CPU", CACHED_PLANS)
    except RuntimeError:
        # The property is internal, so a release may lack it; that only costs memory. A core that
        # was given an unknown property opens no model any more, hence a new one.
        return openvino.Core()
    return core


def rank(host: Processor) -> int:
    """The priority of OpenVINO on a processor.

    Where the widest registers are AVX2's, ONNX Runtime read receipts in 0.83 of OpenVINO's time and
    single crops in 0.85, both with PP-OCRv6 small in fp32, and it took half of the memory.
    OpenVINO plans anew for each width, and computes narrow lines more slowly. On a processor with
    AVX-512 and bf16, OpenVINO took 0.6 of ONNX Runtime's time. Others were not measured.
    """
    return SECOND if "avx2" in host.flags and "avx512" not in host.flags else FIRST


class OpenVinoBackend(Backend):
    """Runs ONNX files and OpenVINO's own (an .xml with its .bin beside it) without conversion.

    Devices are "cpu", "gpu" (or "gpu.0", "gpu.1", ...) and "npu". The device "auto" means "cpu".
    The precision "auto" means the fastest that the device computes natively: bf16, else fp16, else
    fp32.
    """

    name: ClassVar[str] = "openvino"
    accepts: ClassVar[tuple[Format, ...]] = ("openvino", "onnx", "onnx-u8")
    priority: ClassVar[int] = rank(processor())

    def __init__(self, cache_dir: Path | None = None) -> None:
        """`cache_dir` is the folder for compiled models; None keeps none."""
        self._cache_dir = cache_dir

    def probe(self) -> Availability:
        try:
            core = load_core()
            devices = tuple(name.lower() for name in core.available_devices)
            names, version = _names(core), _version()
        # A broken installation raises anything from ImportError to RuntimeError and OSError, and
        # so do broken drivers. In any case the runtime cannot be used here.
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
            opened = partial(self._model, core, artifact, device, properties)
            return OpenVinoSession(opened, artifact, max(1, options.concurrency), device)
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
    # As in `probe`, a broken installation may raise anything when it is imported.
    except Exception as error:
        raise BackendMissing(
            f"OpenVINO does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def _version() -> str:
    import openvino

    return str(openvino.get_version()).split("-", maxsplit=1)[0]


def _names(core: Any) -> dict[str, str]:
    """The vendors' names of the GPUs and NPUs, by device."""
    found = {}
    for device in core.available_devices:
        if device != "CPU":
            # A driver may raise anything. Opening a model on the device will report the error.
            with suppress(Exception):
                found[device.lower()] = str(core.get_property(device, "FULL_DEVICE_NAME"))
    return found


def _pick_device(core: Any, asked: str) -> str:
    """OpenVINO's name of the requested device; "gpu" means the first of several.

    Raises DeviceMissing.
    """
    devices = [str(device) for device in core.available_devices]
    name = "CPU" if asked == "auto" else asked.upper()
    for candidate in (name, f"{name}.0", name.removesuffix(".0")):
        if candidate in devices:
            return candidate
    raise DeviceMissing(
        f"OpenVINO finds no device {asked!r}, only {', '.join(devices).lower() or 'none'}",
        "Install the driver of your GPU or NPU, or choose one of the devices found; "
        "for NVIDIA use `--backend onnxruntime`.",
    )


def _pick_precision(core: Any, device: str, artifact: Artifact, asked: Precision) -> str:
    """The value of INFERENCE_PRECISION_HINT. Raises PrecisionUnavailable."""
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
    # Pinning makes the threads of two sessions or processes crowd onto the same cores. That is up
    # to a third slower on a busy machine and not measurably faster on an idle one.
    return properties | {"ENABLE_CPU_PINNING": False}


def _reason(error: Exception) -> str:
    """The last line of OpenVINO's message. The lines before it only name places in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
