"""Opening models with PyTorch: which device, which precision, and no silent fallback."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, NoRoute, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.system.cpus import available_cpus
from ocrx_torch.options import TorchOptions

if TYPE_CHECKING:
    from ocrx_torch.network import Network
    from ocrx_torch.session import TorchSession

REMEDY = 'pip install "ocrx[torch]"'
HELD_AS_IS: tuple[Precision, ...] = ("bf16", "fp16", "int8")


class TorchBackend(Backend):
    """ONNX files, and TorchScript files (format "torch").

    Devices are "cpu", "cuda:0" and so on, and "mps". The device "auto" is the first CUDA device,
    else the processor. The precision "auto" is fp16 on CUDA, bf16 on a processor that computes in
    it natively, else fp32.
    """

    name: ClassVar[str] = "torch"
    accepts: ClassVar[tuple[Format, ...]] = ("torch", "onnx")
    priority: ClassVar[int] = 5

    def __init__(self, options: TorchOptions | None = None) -> None:
        self._options = options or TorchOptions()

    def weights(self, asked: Precision) -> Precision:
        """fp32, for int8 too: that is refused, and an ONNX file in int8 would help nobody."""
        return "fp32"

    def probe(self) -> Availability:
        try:
            torch = _import()
            devices = list_devices(torch)
            version = str(torch.__version__)
        # A broken installation raises anything from ImportError to OSError (a library that is
        # missing) and AttributeError; whatever it was, the runtime is not usable here.
        except Exception as error:
            return Availability(False, remedy=REMEDY, detail=f"{type(error).__name__}: {error}")
        return Availability(True, version, devices, names=_names(torch, devices))

    def open(self, artifact: Artifact, options: SessionOptions) -> TorchSession:
        torch = _load()
        device = _pick_device(list_devices(torch), options.device)
        precision = _pick_precision(torch, artifact, device, options.precision)
        network = _read(artifact)

        from ocrx_torch.placing import place
        from ocrx_torch.session import TorchSession

        try:
            compute = place(network, device, precision, artifact.spec.precision, self._options)
        # Out of memory, an operation the device lacks: torch raises RuntimeError, and its kin.
        except (RuntimeError, NotImplementedError) as error:
            raise BackendError(
                f"PyTorch cannot prepare {artifact.path} for {device}: {error}",
                "Try another device, or `--backend onnxruntime`.",
            ) from error
        cpu = device == "cpu"
        concurrency = max(1, options.concurrency) if cpu else 1
        threads = options.threads
        if concurrency > 1:
            # torch would start as many threads for each call under way.
            threads = max(1, (threads or available_cpus()) // concurrency)
        return TorchSession(
            network,
            compute,
            artifact,
            device=device,
            precision=precision,
            concurrency=concurrency,
            threads=threads,
        )


def _import() -> Any:
    import torch

    importlib.import_module("onnx")  # which reads the files
    return torch


def _load() -> Any:
    try:
        return _import()
    # As in `probe`: what a broken installation raises at import is not known beforehand.
    except Exception as error:
        raise BackendMissing(
            f"PyTorch does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def list_devices(torch: Any) -> tuple[str, ...]:
    """ "cpu", then "cuda:0", ... and "mps" as far as they are there."""
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return ("cpu", *(f"cuda:{index}" for index in cuda), *mps)


def _names(torch: Any, devices: tuple[str, ...]) -> dict[str, str]:
    """What the makers call the cards."""
    found = {}
    for device in devices:
        if device.startswith("cuda"):
            # A card that is not well raises what it likes; opening a model on it will tell.
            with suppress(Exception):
                found[device] = str(torch.cuda.get_device_name(device))
    return found


def _pick_device(devices: tuple[str, ...], asked: str) -> str:
    """One of `devices`; "cuda" is the first of several."""
    if asked == "auto":
        return next((device for device in devices if device.startswith("cuda")), "cpu")
    for candidate in (asked, f"{asked}:0"):
        if candidate in devices:
            return candidate
    there = f"PyTorch finds no device {asked!r}, only {', '.join(devices)}"
    if asked.startswith("cuda"):
        raise DeviceMissing(
            there,
            "Check with `nvidia-smi` that the GPU and its driver are there, and install a PyTorch "
            "built for CUDA (https://pytorch.org/get-started/locally).",
        )
    if asked == "mps":
        raise DeviceMissing(
            there, "mps needs a Mac with Apple's own processor; use `--device cpu`."
        )
    raise DeviceMissing(there, "Choose one of these, or another `--backend`.")


def native_precisions(torch: Any, device: str) -> tuple[Precision, ...]:
    """What the device computes natively, fastest first."""
    if device.startswith("cuda"):
        bf16: tuple[Precision, ...] = ("bf16",) if _cuda_has_bf16(torch, device) else ()
        return ("fp16", *bf16, "fp32")
    if device == "mps":
        return ("fp32", "fp16")
    return ("bf16", "fp32") if _cpu_has_bf16(torch) else ("fp32",)


def _cuda_has_bf16(torch: Any, device: str) -> bool:
    """Since compute capability 8.0; torch.cuda.is_bf16_supported() counts emulation too."""
    major, _ = torch.cuda.get_device_capability(device)
    return bool(major >= 8)


def _cpu_has_bf16(torch: Any) -> bool:
    """Whether the processor has instructions for it: oneDNN alone would emulate it, slowly."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name, bool)()) for name in checks)


def _pick_precision(torch: Any, artifact: Artifact, device: str, asked: Precision) -> Precision:
    """PrecisionUnavailable if `asked` cannot be had: only what a file holds as fp32 is cast."""
    held = artifact.spec.precision
    if held == "int8" and artifact.format == "onnx":
        raise PrecisionUnavailable(
            f"PyTorch would compute {artifact.spec.name} in fp32: an ONNX file in int8 only says "
            "where to round",
            "Use `--backend openvino` or `--backend onnxruntime`, or the model in fp32.",
        )
    if held in HELD_AS_IS:
        if asked in ("auto", held):
            return held
        raise PrecisionUnavailable(
            f"PyTorch cannot run {artifact.spec.name} in {asked}: its weights are {held}",
            f"Choose a model that is published in {asked}, or `--precision {held}`.",
        )
    native = native_precisions(torch, device)
    if asked == "auto":
        return native[0]
    if asked not in native:
        raise PrecisionUnavailable(
            f"PyTorch cannot run {artifact.spec.name} in {asked} on {device}",
            f"Choose one of: auto, {', '.join(native)}."
            + (" Or `--backend openvino`." if asked == "int8" else ""),
        )
    return asked


def _read(artifact: Artifact) -> Network:
    from ocrx_torch.network import read_onnx, read_torchscript

    try:
        if artifact.format == "torch":
            return read_torchscript(artifact)
        return read_onnx(artifact)
    except NoRoute:
        raise
    # A file that is missing or damaged: OSError, protobuf's DecodeError, RuntimeError of torch's
    # archive reader, and what an inconsistent network makes the importer stumble over.
    except Exception as error:
        raise BackendError(
            f"PyTorch cannot open {artifact.path}: {error}",
            "If the file is damaged, delete it and fetch it again; if not, "
            "try `--backend onnxruntime`.",
        ) from error
