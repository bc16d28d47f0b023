"""Opening models with TensorFlow Lite: `ai-edge-litert`, or its predecessor `tflite-runtime`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Axis, Format
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.system.cpus import available_cpus
from ocrx_tflite.options import TfliteOptions

if TYPE_CHECKING:
    from ocrx_tflite.session import TfliteSession
    from ocrx_tflite.template import Template

REMEDY = 'pip install "ocrx[tflite]"'
RUNTIMES = (
    ("ai_edge_litert.interpreter", "ai-edge-litert"),
    ("tflite_runtime.interpreter", "tflite-runtime"),
)
MOST_MEMORY = 1024
UNKNOWN_MEMORY = 512


# Measured: tflite-runtime 2.14 opens files with int8 weights, and reads not one line right.
WRONG_IN_INT8 = "tflite-runtime"


@dataclass(frozen=True)
class Runtime:
    """`interpreter` is its class Interpreter."""

    interpreter: Any
    distribution: str
    version: str


def load_runtime() -> Runtime:
    """The runtime that is installed. Raises ImportError, or whatever a broken installation does."""
    missing = []
    for module, distribution in RUNTIMES:
        try:
            found = import_module(module).Interpreter
        except (ImportError, AttributeError) as error:
            missing.append(f"{module}: {error}")
            continue
        try:
            return Runtime(found, distribution, version(distribution))
        except PackageNotFoundError:  # built from source
            return Runtime(found, distribution, "unknown")
    raise ImportError("; ".join(missing))


class TfliteBackend(Backend):
    """TFLite files for any width: a `model.json` that onnx2tflite made, beside its `model.tflite`.

    A `.tflite` file on its own is run at the sizes it holds. The only device is "cpu"; the
    precision is that of the file.
    """

    name: ClassVar[str] = "tflite"
    accepts: ClassVar[tuple[Format, ...]] = ("tflite",)
    priority: ClassVar[int] = 5

    def __init__(self, options: TfliteOptions | None = None) -> None:
        self._options = options or TfliteOptions()

    def weights(self, asked: Precision) -> Precision:
        """TFLite computes in what the file holds."""
        return "fp32" if asked == "auto" else asked

    def probe(self) -> Availability:
        try:
            found = load_runtime()
        # A runtime built for another NumPy raises anything, from ImportError to AttributeError and
        # SystemError; whatever it was, it is not usable here.
        except Exception as error:
            return Availability(False, remedy=REMEDY, detail=f"{type(error).__name__}: {error}")
        return Availability(True, found.version, ("cpu",), detail=found.distribution)

    def open(self, artifact: Artifact, options: SessionOptions) -> TfliteSession:
        from ocrx_tflite.session import TfliteSession

        runtime = _load()
        if options.device not in ("auto", "cpu"):
            raise DeviceMissing(
                f"TFLite finds no device {options.device!r}, only cpu",
                "Choose cpu, or another `--backend`.",
            )
        _check_precision(artifact, options.precision, runtime)
        content, template = _read(artifact)
        concurrency = max(1, options.concurrency)
        threads = max(1, (options.threads or available_cpus()) // concurrency)

        def make(filled: bytes) -> Any:
            runner = runtime.interpreter(model_content=filled, num_threads=threads)
            runner.allocate_tensors()
            return runner

        try:
            if template is None:
                template = _template_of(artifact, make(content))
            memory = (self._options.memory_mb or _usual_memory()) * 1_000_000
            return TfliteSession(
                artifact, content, template, make, concurrency=concurrency, memory=memory
            )
        # What it raises for a file that is none (ValueError) or has an operation that it does not
        # know (RuntimeError), and for a tensor of another name (KeyError).
        except (ValueError, RuntimeError, KeyError) as error:
            raise _unreadable(artifact.path, str(error)) from error


def _load() -> Runtime:
    try:
        return load_runtime()
    # As in `probe`: what a broken installation raises at import is not known beforehand.
    except Exception as error:
        raise BackendMissing(
            f"TFLite does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def _check_precision(artifact: Artifact, asked: Precision, runtime: Runtime) -> None:
    """TFLite computes in whatever the file holds, so nothing else can be asked for."""
    held = artifact.spec.precision
    if asked not in ("auto", held):
        raise PrecisionUnavailable(
            f"TFLite cannot run {artifact.spec.name} in {asked}: it holds {held}",
            f"Use `--precision {held}`, or another `--backend`.",
        )
    if held == "int8" and runtime.distribution == WRONG_IN_INT8:
        raise PrecisionUnavailable(
            f"{WRONG_IN_INT8} {runtime.version} computes wrongly with int8 weights",
            f"Use `--precision fp32`, or get its successor: {REMEDY}",
        )


def _read(artifact: Artifact) -> tuple[bytes, Template | None]:
    """The TFLite file, and what its template says (None for a file on its own)."""
    from ocrx_tflite.template import Template

    path = artifact.path
    try:
        if path.suffix == ".tflite":
            return path.read_bytes(), None
        template = Template.from_json(json.loads(path.read_text("utf-8")))
        return path.with_name(template.file).read_bytes(), template
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, f"it is no template of onnx2tflite ({error})") from error


def _unreadable(path: Path, why: str) -> BackendError:
    return BackendError(
        f"TFLite cannot open {path}: {why.strip().rstrip('.')}",
        "If the file is damaged, delete it and fetch or convert it again (`ocrx models clean`); "
        "if not, try `--backend onnxruntime`.",
    )


def _template_of(artifact: Artifact, runner: Any) -> Template:
    """What a TFLite file says of itself, with the model's own names where the model gives as many
    inputs, and its axes where the file has the same with the channels last."""
    from ocrx_tflite.template import Port, Template

    def port(detail: Any) -> Port:
        shape = tuple(int(size) for size in detail["shape"])
        return Port(detail["name"], shape, _dtype(detail), tuple(range(len(shape))))

    details = runner.get_input_details()
    inputs = [port(detail) for detail in details]
    wanted = artifact.spec.shapes
    rows = False
    if len(wanted) == len(inputs) and not {p.name for p in inputs} - set(wanted):
        rows = all(isinstance(wanted[p.name][0], Axis) and p.shape[:1] == (1,) for p in inputs)
        inputs = [_oriented(p, wanted[p.name]) for p in inputs]
    return Template(
        file=artifact.path.name,
        inputs=tuple(inputs),
        outputs=tuple(port(detail) for detail in runner.get_output_details()),
        rows=rows,
    )


def _oriented(port: Any, wanted: Any) -> Any:
    """The port with the model's order of axes, if the file's is that with the channels last."""
    count = len(port.shape)
    order = (0, *range(2, count), 1)
    if count < 3 or len(wanted) != count or wanted[1] == port.shape[1]:
        return port
    outside = [0] * count
    for at, axis in enumerate(order):
        outside[axis] = port.shape[at]
    return replace(port, shape=tuple(outside), order=order) if wanted[1] == outside[1] else port


def _dtype(detail: Any) -> str:
    import numpy as np

    return str(np.dtype(detail["dtype"]).name)


def _usual_memory() -> int:
    """A quarter of the machine's memory, in megabytes."""
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on this system
        return UNKNOWN_MEMORY
    return min(MOST_MEMORY, pages // 4_000_000)
