"""Opens models with Paddle Inference: which device, how many threads, which use of oneDNN."""

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
"""The megabytes of GPU memory that Paddle takes at first. It takes more when it needs them."""

# oneDNN's convolutions and matrix products run PP-OCR nearly twice as fast. This pass hands oneDNN
# every other operation that it knows, too. That makes nothing faster, and Paddle 3.3 then fails on
# every Resize ("ConvertPirAttribute2RuntimeAttribute") and prints a line for every mean.
EVERYTHING_TO_ONEDNN = "onednn_placement_pass"


class PaddleBackend(Backend):
    """Runs Paddle's inference models: a `.json` (or Paddle 2's `.pdmodel`) with its `.pdiparams`
    beside it, or the folder or tar that PaddleOCR publishes.

    Devices are "cpu" and, with a Paddle built for CUDA, "gpu:0" and so on. The device "auto" means
    the first GPU, else "cpu". The precision is fp32.
    """

    name: ClassVar[str] = "paddle"
    accepts: ClassVar[tuple[Format, ...]] = ("paddle",)
    priority: ClassVar[int] = 4

    def probe(self) -> Availability:
        try:
            paddle = load_runtime()
            devices, version = _devices(paddle), str(paddle.__version__)
        # An installation that is broken, or built for another NumPy, raises anything from
        # ImportError to OSError and SystemError. In any case it cannot be used here.
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
            # Clones share its weights.
            predictors = [first, *(first.clone() for _ in range(concurrency - 1))]
        except OSError as error:
            raise _unreadable(artifact.path, error.strerror or str(error)) from error
        # Paddle raises these, among others. NotFound and invalid JSON are ValueErrors.
        except (ValueError, RuntimeError, IndexError, TypeError, tarfile.TarError) as error:
            raise _unreadable(artifact.path, reason(error)) from error
        return PaddleSession(artifact.spec.name, program, predictors, device)


def _load() -> Any:
    try:
        return load_runtime()
    # As in `probe`, a broken installation may raise anything when it is imported.
    except Exception as error:
        raise BackendMissing(
            f"Paddle does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def _devices(paddle: Any) -> tuple[str, ...]:
    """ "cpu", then "gpu:0", "gpu:1", ... if this Paddle was built for CUDA."""
    gpus = paddle.device.cuda.device_count() if paddle.device.is_compiled_with_cuda() else 0
    return ("cpu", *(f"gpu:{index}" for index in range(gpus)))


def _pick_device(paddle: Any, asked: str) -> str:
    """One of Paddle's devices; "gpu" means the first GPU. Raises DeviceMissing."""
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
        raise DeviceMissing(there, "Check with `nvidia-smi` that the GPU and its driver work.")
    raise DeviceMissing(
        f"{there}: the installed Paddle is built for processors only", f"Run: {GPU_REMEDY}"
    )


def _check_precision(artifact: Artifact, asked: Precision) -> None:
    """Raise PrecisionUnavailable for anything but fp32.

    In oneDNN's bf16, Paddle 3.3 runs PP-OCRv6 1.4 times as fast, but reads 2 % of lines and 7 % of
    Arabic plates differently. fp16 and int8 have not been tried.
    """
    held = artifact.spec.precision
    if held != "fp32" or asked not in ("auto", "fp32"):
        raise PrecisionUnavailable(
            f"Paddle cannot run {artifact.spec.name} in {asked if held == 'fp32' else held}",
            "Use `--precision fp32`, or another `--backend`.",
        )


def _check_parameters(network: Path, program: Program) -> None:
    """Raise NotFound for parameters that are missing or truncated. Paddle would not notice, and
    compute with noise in their place."""
    parameters = parameters_of(network)
    if program.weights:
        found = parameters.stat().st_size if parameters.is_file() else 0
        if found != program.weights:
            raise NotFound(
                f"the parameters beside it, {parameters.name}, have {found} bytes instead of "
                f"{program.weights}"
            )


def _config(paddle: Any, network: Path, device: str, threads: int) -> Any:
    """The settings for one predictor; Paddle forbids using them for a second."""
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
