"""Opens models with PyTorch: which device, which precision, and no silent fallback."""

from __future__ import annotations

import importlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, NoRoute, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.system.cpus import available_cpus
from ocrx_torch.options import TorchOptions

if TYPE_CHECKING:
    from ocrx_torch.network import TorchNetwork
    from ocrx_torch.session import TorchSession

REMEDY = 'pip install "ocrx[torch]"'

PLANS = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
KEPT = "64"
"""How many plans oneDNN and PyTorch's layer over it keep, of one layer and shape each, unless the
user says otherwise. They read these when PyTorch is loaded. With their own 1024, a reader grew with
every page of a new size, to 1.2 GB after 100; with 64 it stays at 0.4. With 32, receipts and scenes
took 1.07 of the time."""

HELD_AS_IS: tuple[Precision, ...] = ("bf16", "fp16", "int8")


class TorchBackend(Backend):
    """Runs ONNX files and TorchScript files (format "torch").

    Devices are "cpu", "cuda:0" and so on, and "mps". The device "auto" means the first CUDA device,
    else "cpu". The precision "auto" means fp16 on CUDA, bf16 on a processor that computes in it
    natively, else fp32.
    """

    name: ClassVar[str] = "torch"
    accepts: ClassVar[tuple[Format, ...]] = ("torch", "onnx")
    priority: ClassVar[int] = 5

    def __init__(self, options: TorchOptions | None = None) -> None:
        self._options = options or TorchOptions()

    def weights(self, asked: Precision) -> Precision:
        """Always fp32. int8 is refused when a file is opened, so converting to it is no use."""
        return "fp32"

    def probe(self) -> Availability:
        try:
            torch = _import()
            devices = list_devices(torch)
            version = str(torch.__version__)
        # A broken installation raises anything from ImportError to OSError (for a missing library)
        # and AttributeError. In any case the runtime cannot be used here.
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
            runner = place(network, device, precision, artifact.spec.precision, self._options)
        # torch raises these when memory runs out or the device lacks an operation.
        except (RuntimeError, NotImplementedError) as error:
            raise BackendError(
                f"PyTorch cannot prepare {artifact.path} for {device}: {error}",
                "Try another device, or `--backend onnxruntime`.",
            ) from error
        cpu = device == "cpu"
        concurrency = max(1, options.concurrency) if cpu else 1
        threads = options.threads
        if concurrency > 1:
            # Otherwise torch starts that many threads for each concurrent call.
            threads = max(1, (threads or available_cpus()) // concurrency)
        return TorchSession(
            network,
            runner,
            artifact,
            device=device,
            precision=precision,
            concurrency=concurrency,
            threads=threads,
        )


def _import() -> Any:
    for name in PLANS:
        os.environ.setdefault(name, KEPT)
    import torch

    importlib.import_module("onnx")  # it reads the files
    return torch


def _load() -> Any:
    try:
        return _import()
    # As in `probe`, a broken installation may raise anything when it is imported.
    except Exception as error:
        raise BackendMissing(
            f"PyTorch does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def list_devices(torch: Any) -> tuple[str, ...]:
    """ "cpu", then "cuda:0", ... and "mps", as available."""
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return ("cpu", *(f"cuda:{index}" for index in cuda), *mps)


def _names(torch: Any, devices: tuple[str, ...]) -> dict[str, str]:
    """The vendors' names of the GPUs, by device."""
    found = {}
    for device in devices:
        if device.startswith("cuda"):
            # A faulty GPU may raise anything. Opening a model on it will report the error.
            with suppress(Exception):
                found[device] = str(torch.cuda.get_device_name(device))
    return found


def _pick_device(devices: tuple[str, ...], asked: str) -> str:
    """One of `devices`; "cuda" means the first of several. Raises DeviceMissing."""
    if asked == "auto":
        return next((device for device in devices if device.startswith("cuda")), "cpu")
    for candidate in (asked, f"{asked}:0"):
        if candidate in devices:
            return candidate
    there = f"PyTorch finds no device {asked!r}, only {', '.join(devices)}"
    if asked.startswith("cuda"):
        raise DeviceMissing(
            there,
            "Check with `nvidia-smi` that the GPU and its driver work, and install a PyTorch "
            "built for CUDA (https://pytorch.org/get-started/locally).",
        )
    if asked == "mps":
        raise DeviceMissing(there, "mps needs a Mac with Apple silicon; use `--device cpu`.")
    raise DeviceMissing(there, "Choose one of these, or another `--backend`.")


def native_precisions(torch: Any, device: str) -> tuple[Precision, ...]:
    """The precisions that the device computes natively, fastest first."""
    if device.startswith("cuda"):
        bf16: tuple[Precision, ...] = ("bf16",) if _cuda_has_bf16(torch, device) else ()
        return ("fp16", *bf16, "fp32")
    if device == "mps":
        return ("fp32", "fp16")
    return ("bf16", "fp32") if _cpu_has_bf16(torch) else ("fp32",)


def _cuda_has_bf16(torch: Any, device: str) -> bool:
    """Whether the compute capability is at least 8.0. torch.cuda.is_bf16_supported() would count
    emulation too."""
    major, _ = torch.cuda.get_device_capability(device)
    return bool(major >= 8)


def _cpu_has_bf16(torch: Any) -> bool:
    """Whether the processor has instructions for bf16. Without, oneDNN emulates it slowly."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name, bool)()) for name in checks)


def _pick_precision(torch: Any, artifact: Artifact, device: str, asked: Precision) -> Precision:
    """The precision to compute in. Only files in fp32 are cast. Raises PrecisionUnavailable."""
    held = artifact.spec.precision
    if held == "int8" and artifact.format == "onnx":
        raise PrecisionUnavailable(
            f"PyTorch would compute {artifact.spec.name} in fp32, because an int8 ONNX file only "
            "says where to round",
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


def _read(artifact: Artifact) -> TorchNetwork:
    """The network in the file. Raises NoRoute for unknown operations, BackendError for the rest."""
    from ocrx_torch.importer import import_onnx
    from ocrx_torch.torchscript import read_torchscript

    try:
        if artifact.format == "torch":
            return read_torchscript(artifact)
        return import_onnx(artifact.path)
    except NoRoute:
        raise
    # A missing or damaged file raises OSError, protobuf's DecodeError, RuntimeError from torch's
    # archive reader, or anything that an inconsistent network causes in the importer.
    except Exception as error:
        raise BackendError(
            f"PyTorch cannot open {artifact.path}: {error}",
            "If the file is damaged, delete it and fetch it again; if not, "
            "try `--backend onnxruntime`.",
        ) from error
