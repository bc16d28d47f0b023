"""Opening models with OpenVINO: which device, which precision, how many streams."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format, Precision
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces import Availability, Backend, SessionOptions

if TYPE_CHECKING:
    from ocrx_openvino.session import OpenVinoSession

REMEDY = 'Run: pip install "openvino>=2025.0"'
# What OpenVINO calls the precisions, in its properties and in the capabilities of a device.
HINTS: dict[Precision, str] = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}
FASTEST_FIRST: tuple[Precision, ...] = ("bf16", "fp16", "fp32")
CAPABILITIES: dict[Precision, str] = {"fp32": "FP32", "bf16": "BF16", "fp16": "FP16"}


class OpenVinoBackend(Backend):
    """ONNX files and OpenVINO's own (an .xml beside its .bin), read without conversion.

    The device "auto" is the processor. The precision "auto" is the fastest that the device computes
    natively: bf16, else fp16, else fp32.
    """

    name: ClassVar[str] = "openvino"
    accepts: ClassVar[tuple[Format, ...]] = ("openvino", "onnx")

    def __init__(self) -> None:
        self._core: Any = None
        self._lock = threading.Lock()

    def probe(self) -> Availability:
        try:
            core = self._load()
            devices = tuple(name.lower() for name in core.available_devices)
            version = _version()
        # A broken installation raises anything from ImportError to RuntimeError and OSError, and
        # its drivers raise what they like; whatever it was, the runtime is not usable here.
        except Exception as error:
            return Availability(False, remedy=REMEDY, detail=f"{type(error).__name__}: {error}")
        return Availability(True, version, devices)

    def open(self, artifact: Artifact, options: SessionOptions) -> OpenVinoSession:
        from ocrx_openvino.session import OpenVinoSession

        core = self._loaded()
        device = _pick_device(core, options.device)
        hint = _pick_precision(core, device, artifact, options.precision)
        try:
            model = core.compile_model(
                core.read_model(artifact.path), device, _properties(device, hint, options)
            )
            return OpenVinoSession(model, artifact, max(1, options.concurrency), device)
        except RuntimeError as error:
            raise BackendError(
                f"OpenVINO cannot open {artifact.path}: {_first_line(error)}",
                "If the file is damaged, delete it and fetch it again; "
                "otherwise try `--backend onnxruntime`.",
            ) from error

    def _loaded(self) -> Any:
        try:
            return self._load()
        # As in `probe`: what a broken installation raises at import is not known beforehand.
        except Exception as error:
            raise BackendMissing(
                f"OpenVINO does not load ({type(error).__name__}: {error})", REMEDY
            ) from error

    def _load(self) -> Any:
        with self._lock:
            if self._core is None:
                import openvino

                self._core = openvino.Core()
            return self._core


def _version() -> str:
    import openvino

    return str(openvino.get_version()).split("-", maxsplit=1)[0]


def _pick_device(core: Any, asked: str) -> str:
    """OpenVINO's name of the device asked for; "gpu" is the first of several."""
    devices = list(core.available_devices)
    name = "CPU" if asked == "auto" else asked.upper()
    for candidate in (name, f"{name}.0", name.removesuffix(".0")):
        if candidate in devices:
            return str(candidate)
    raise DeviceMissing(
        f"OpenVINO finds no device {asked!r}",
        f"It finds: {', '.join(d.lower() for d in devices) or 'none'}. "
        "A GPU or NPU also needs its driver.",
    )


def _pick_precision(core: Any, device: str, artifact: Artifact, asked: Precision) -> str:
    """The value of INFERENCE_PRECISION_HINT; PrecisionUnavailable if `asked` cannot be had."""
    capabilities = set(core.get_property(device, "OPTIMIZATION_CAPABILITIES"))
    native = [p for p in FASTEST_FIRST if CAPABILITIES[p] in capabilities] or ["fp32"]
    if asked == "auto" or (asked == artifact.spec.precision == "int8"):
        return HINTS[native[0]]
    if asked == "int8" or artifact.spec.precision == "int8":
        held = artifact.spec.precision
        raise PrecisionUnavailable(
            f"{artifact.spec.name} is {held} and OpenVINO cannot run it in {asked}",
            f"Choose a model published in {asked}, or `--precision auto`.",
        )
    if asked not in native:
        raise PrecisionUnavailable(
            f"OpenVINO on {device.lower()} does not compute in {asked} natively",
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
    # Pinned threads of two sessions, or of two processes, would crowd on the same cores.
    return properties | {"ENABLE_CPU_PINNING": False}


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
