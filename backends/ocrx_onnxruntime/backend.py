"""Opens models with ONNX Runtime: which provider, how many threads, and no silent fallback."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.system.cpus import available_cpus
from ocrx_onnxruntime.devices import (
    PROVIDERS,
    describe_installation,
    installed_distributions,
    list_devices,
)
from ocrx_onnxruntime.options import OnnxRuntimeOptions

if TYPE_CHECKING:
    from ocrx_onnxruntime.session import OnnxRuntimeSession

REMEDY = 'pip install "ocrx[onnxruntime]"'
GPU_REMEDY = 'pip uninstall onnxruntime && pip install "ocrx[onnxruntime-gpu]"'

# Runtimes with thread pools of their own. ONNX Runtime's threads must not spin beside them.
OTHER_RUNTIMES = ("openvino", "torch", "paddle", "tensorflow", "ai_edge_litert", "tflite_runtime")
SILENT = 4


class OnnxRuntimeBackend(Backend):
    """Runs ONNX files in the precision that they hold.

    Processors compute int8 files of the format "onnx-u8" in integers, and most of other int8 files
    in fp32. They have hardly any fp16 operations: fp16 halves the file, but is computed in fp32.

    Devices are "cpu" and, with onnxruntime-gpu and its libraries, "cuda:0", "tensorrt:0" and so on.
    The device "auto" means the first CUDA device, else "cpu".
    """

    name: ClassVar[str] = "onnxruntime"
    accepts: ClassVar[tuple[Format, ...]] = ("onnx", "onnx-u8")
    priority: ClassVar[int] = 10

    def __init__(self, options: OnnxRuntimeOptions | None = None) -> None:
        self._options = options or OnnxRuntimeOptions()

    def weights(self, asked: Precision) -> Precision:
        return asked if asked in ("fp16", "int8") else "fp32"

    def probe(self) -> Availability:
        try:
            runtime = load_runtime()
            devices = list_devices(runtime.get_available_providers())
            version = str(runtime.__version__)
        # An installation half overwritten by the GPU package raises anything from ImportError to
        # AttributeError. In any case the runtime cannot be used here.
        except Exception as error:
            detail = describe_installation(installed_distributions())
            return Availability(
                False, remedy=REMEDY, detail=detail or f"{type(error).__name__}: {error}"
            )
        return Availability(
            True, version, devices, detail=describe_installation(installed_distributions())
        )

    def open(self, artifact: Artifact, options: SessionOptions) -> OnnxRuntimeSession:
        from ocrx_onnxruntime.session import OnnxRuntimeSession

        runtime = _load()
        _check_precision(artifact, options.precision)
        device = _pick_device(list_devices(runtime.get_available_providers()), options.device)
        try:
            session = runtime.InferenceSession(
                str(artifact.path),
                _session_options(runtime, options),
                providers=_providers(device, self._options),
                # By default ONNX Runtime falls back to another provider when one fails.
                enable_fallback=0,
            )
        # Its exceptions share no base but Exception: NoSuchFile, InvalidProtobuf, Fail, ...
        except Exception as error:
            raise BackendError(
                f"ONNX Runtime cannot open {artifact.path} on {device}: {error}",
                "If the file is damaged, delete it and fetch it again; if not, "
                "try `--backend openvino`.",
            ) from error
        return OnnxRuntimeSession(
            session,
            artifact,
            _real_device(session, device, options.device),
            max(1, options.concurrency),
        )


def load_runtime() -> Any:
    """The package `onnxruntime`. Raises ImportError, or whatever a broken installation does."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # the Windows builds send them by default
    return onnxruntime


def _load() -> Any:
    try:
        return load_runtime()
    # As in `probe`, a broken installation may raise anything when it is imported.
    except Exception as error:
        raise BackendMissing(
            f"ONNX Runtime does not load ({type(error).__name__}: {error})",
            f"Get it with: {REMEDY}",
        ) from error


def _check_precision(artifact: Artifact, asked: Precision) -> None:
    """Raise PrecisionUnavailable for anything but the precision of the file, which is what ONNX
    Runtime computes in."""
    held = artifact.spec.precision
    if asked in ("auto", held):
        return
    remedy = f"Choose a model that is published in {asked}, or `--precision {held}`."
    if held == "fp32" and asked in ("bf16", "fp16"):
        remedy = f"Use `--backend openvino`, which can compute in {asked} where the device can."
    raise PrecisionUnavailable(
        f"ONNX Runtime cannot run {artifact.spec.name} in {asked}: it holds {held}", remedy
    )


def _pick_device(devices: tuple[str, ...], asked: str) -> str:
    """One of `devices`; "cuda" and "tensorrt" mean the first of their kind.

    Raises DeviceMissing.
    """
    if asked == "auto":
        return next((device for device in devices if device.startswith("cuda")), "cpu")
    for candidate in (asked, f"{asked}:0"):
        if candidate in devices:
            return candidate
    there = f"ONNX Runtime finds no device {asked!r}, only {', '.join(devices)}"
    if asked.partition(":")[0] not in ("cuda", "tensorrt"):
        raise DeviceMissing(there, "Choose one of these, or another `--backend`.")
    if "onnxruntime-gpu" in installed_distributions():
        raise DeviceMissing(there, "Check with `nvidia-smi` that the GPU and its driver work.")
    raise DeviceMissing(there, f"Run: {GPU_REMEDY}")


def _session_options(runtime: Any, options: SessionOptions) -> Any:
    settings = runtime.SessionOptions()
    settings.log_severity_level = SILENT  # errors are raised
    # Memory patterns are kept for every shape ever seen, and make no run faster.
    settings.enable_mem_pattern = False
    if options.concurrency > 1:
        # Calls that share one pool of threads hinder each other: two crops at once, each on one
        # thread, took 0.85 of the time that they took on a pool of two.
        threads = options.threads or available_cpus()
        settings.intra_op_num_threads = max(1, threads // options.concurrency)
    elif options.threads is not None:
        settings.intra_op_num_threads = options.threads
    if options.concurrency > 1 or any(name in sys.modules for name in OTHER_RUNTIMES):
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        settings.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return settings


def _providers(device: str, options: OnnxRuntimeOptions) -> list[tuple[str, dict[str, str]]]:
    """The device's provider and its settings, then the providers for operations it lacks."""
    kind, _, index = device.partition(":")
    chosen = [(PROVIDERS["cpu"], dict[str, str]())]
    if kind == "cpu":
        return chosen
    cuda = {
        "device_id": index,
        "use_tf32": "0",  # TF32 has only 10 bits of mantissa
        # The default tries out every algorithm for each new shape.
        "cudnn_conv_algo_search": "HEURISTIC",
    }
    chosen.insert(0, (PROVIDERS["cuda"], cuda))
    if kind == "tensorrt":
        engine = {"device_id": index}
        if options.engine_cache:
            engine |= {
                "trt_engine_cache_enable": "1",
                "trt_engine_cache_path": options.engine_cache,
                "trt_timing_cache_enable": "1",
                "trt_timing_cache_path": options.engine_cache,
            }
        chosen.insert(0, (PROVIDERS["tensorrt"], engine))
    return chosen


def _real_device(session: Any, device: str, asked: str) -> str:
    """The device that the session runs on.

    ONNX Runtime silently leaves out a provider whose libraries do not load. That raises
    DeviceMissing, unless `asked` is "auto", which then means "cpu".
    """
    kind = device.partition(":")[0]
    if PROVIDERS[kind] in session.get_providers():
        return device
    if asked == "auto":
        return "cpu"
    needed = "CUDA 12 and cuDNN 9" if kind == "cuda" else "CUDA 12, cuDNN 9 and TensorRT 10"
    raise DeviceMissing(
        f"ONNX Runtime could not start {PROVIDERS[kind]} for {device}",
        f"Install the libraries that it needs: {needed}.",
    )
