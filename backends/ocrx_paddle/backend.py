"""Opening models with Paddle Inference: which device, how many threads, what oneDNN may do."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.system.cpus import available_cpus
from ocrx_paddle.files import NotFound, network_of, parameters_of
from ocrx_paddle.program import Program, read_program
from ocrx_paddle.runtime import load_runtime, reason

if TYPE_CHECKING:
    from ocrx_paddle.session import PaddleSession

REMEDY = 'pip install "ocrx[paddle]"'
GPU_REMEDY = (
    "pip uninstall paddlepaddle && "
    "pip install paddlepaddle-gpu -i https://www.paddlepaddle.org.cn/packages/stable/cu126/"
)

GPU_MEMORY = 256
"""Megabytes that Paddle takes of a GPU at first; it takes more when it needs them."""

# oneDNN's convolutions and matrix products run PP-OCR at nearly twice the speed. Handing it all
# else that it knows, which this pass does, makes nothing faster; but Paddle 3.3 then fails on every
# resizing ("ConvertPirAttribute2RuntimeAttribute"), and writes on stdout about every mean.
EVERYTHING_TO_ONEDNN = "onednn_placement_pass"


class PaddleBackend(Backend):
    """Paddle's inference models: `.json` (or Paddle 2's `.pdmodel`) with the `.pdiparams` beside
    it, or the folder or tar that PaddleOCR publishes.

    Devices are "cpu" and, with a Paddle for CUDA, "gpu:0" and so on; the device "auto" is the first
    GPU there is, else the processor. The precision is fp32.
    """

    name: ClassVar[str] = "paddle"
    accepts: ClassVar[tuple[Format, ...]] = ("paddle",)
    priority: ClassVar[int] = 4

    def probe(self) -> Availability:
        try:
            paddle = load_runtime()
            devices, version = _devices(paddle), str(paddle.__version__)
        # An installation that is broken, or built for another NumPy, raises anything from
        # ImportError to OSError and SystemError; whatever it was, it is not usable here.
        except Exception as error:
            return Availability(False, remedy=REMEDY, detail=f"{type(error).__name__}: {error}")
        return Availability(True, version, devices)

    def open(self, artifact: Artifact, options: SessionOptions) -> PaddleSession:
        from ocrx_paddle.session import PaddleSession

        paddle = _load()
        device = _pick_device(paddle, options.device)
        _check_precision(artifact, options.precision)
        concurrency = max(1, options.concurrency)
        threads = max(1, (options.threads or available_cpus()) // concurrency)
        try:
            with network_of(artifact.path) as network:
                program = read_program(network)
                _check_parameters(network, program)
                config = _config(paddle, network, device, threads)
                first = paddle.inference.create_predictor(config)
            # Those cloned share its weights.
            predictors = [first, *(first.clone() for _ in range(concurrency - 1))]
        except OSError as error:
            raise _unreadable(artifact.path, error.strerror or str(error)) from error
        # Paddle turns its own errors into these; NotFound, and what JSON is not, are ValueErrors.
        except (ValueError, RuntimeError, IndexError, TypeError, tarfile.TarError) as error:
            raise _unreadable(artifact.path, reason(error)) from error
        return PaddleSession(artifact.spec.name, program, predictors, device)


def _load() -> Any:
    try:
        return load_runtime()
    # As in `probe`: what a broken installation raises at import is not known beforehand.
    except Exception as error:
        raise BackendMissing(
            f"Paddle does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def _devices(paddle: Any) -> tuple[str, ...]:
    """ "cpu", then "gpu:0", "gpu:1", ... if this Paddle was built for CUDA."""
    gpus = paddle.device.cuda.device_count() if paddle.device.is_compiled_with_cuda() else 0
    return ("cpu", *(f"gpu:{index}" for index in range(gpus)))


def _pick_device(paddle: Any, asked: str) -> str:
    """One of the devices there are; "gpu" is the first of its kind."""
    devices = _devices(paddle)
    if asked == "auto":
        return devices[1] if len(devices) > 1 else "cpu"
    for candidate in (asked, f"{asked}:0"):
        if candidate in devices:
            return candidate
    there = f"Paddle finds no device {asked!r}, only {', '.join(devices)}"
    if asked.partition(":")[0] != "gpu":
        raise DeviceMissing(there, "Choose one of these, or another `--backend`.")
    if paddle.device.is_compiled_with_cuda():
        raise DeviceMissing(there, "Check with `nvidia-smi` that the GPU and its driver are there.")
    raise DeviceMissing(
        f"{there}: the Paddle installed here is one for processors", f"Run: {GPU_REMEDY}"
    )


def _check_precision(artifact: Artifact, asked: Precision) -> None:
    """Only fp32 reads as it should. In oneDNN's bf16 Paddle 3.3 runs PP-OCRv6 1.4 times as fast,
    and reads 2 % of the lines otherwise, 7 % of Arabic plates; fp16 and int8 were not tried."""
    held = artifact.spec.precision
    if held != "fp32" or asked not in ("auto", "fp32"):
        raise PrecisionUnavailable(
            f"Paddle cannot run {artifact.spec.name} in {asked if held == 'fp32' else held}",
            "Use `--precision fp32`, or another `--backend`.",
        )


def _check_parameters(network: Path, program: Program) -> None:
    """Paddle would compute with noise in place of parameters that are missing or cut off."""
    parameters = parameters_of(network)
    if program.weights:
        found = parameters.stat().st_size if parameters.is_file() else 0
        if found != program.weights:
            raise NotFound(
                f"the parameters beside it, {parameters.name}, have {found} bytes where "
                f"{program.weights} belong"
            )


def _config(paddle: Any, network: Path, device: str, threads: int) -> Any:
    """Each makes one predictor."""
    config = paddle.inference.Config(str(network), str(parameters_of(network)))
    config.disable_glog_info()
    kind, _, index = device.partition(":")
    if kind == "gpu":
        config.enable_use_gpu(GPU_MEMORY, int(index))
    else:
        config.disable_gpu()
        config.set_cpu_math_library_num_threads(threads)
        config.delete_pass(EVERYTHING_TO_ONEDNN)
    return config


def _unreadable(path: Path, why: str) -> BackendError:
    return BackendError(
        f"Paddle cannot open {path}: {why.strip().rstrip('.')}",
        "If the file is damaged, delete it and fetch or convert it again (`ocrx models clean`); "
        "if not, try `--backend onnxruntime`.",
    )
