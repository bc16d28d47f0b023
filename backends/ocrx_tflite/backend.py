"""Opens models with TensorFlow Lite: `ai-edge-litert`, or its predecessor `tflite-runtime`."""

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
from ocrx_tflite.greeting import without_greeting
from ocrx_tflite.options import TfliteOptions

if TYPE_CHECKING:
    from ocrx_tflite.session import TfliteSession
    from ocrx_tflite.template import Template

REMEDY = 'pip install "ocrx[tflite]"'
RUNTIMES = (
    ("ai_edge_litert.interpreter", "ai-edge-litert"),
    ("tflite_runtime.interpreter", "tflite-runtime"),
)

# Measured: an interpreter of PP-OCRv6 small holds 50 to 80 MB and is made in 60 ms. To keep five
# of each network costs 2 % more time than to keep twenty, and saves 600 MB.
MOST_MEMORY = 256

# Measured: tflite-runtime 2.14 opens files with int8 weights but reads every line wrong.
WRONG_IN_INT8 = "tflite-runtime"


@dataclass(frozen=True)
class Runtime:
    """An installed TFLite; `interpreter` is its class Interpreter."""

    interpreter: Any
    distribution: str
    version: str


def load_runtime() -> Runtime:
    """The installed runtime. Raises ImportError, or whatever a broken installation does."""
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
    """Runs the models that onnx2tflite makes, a `model.json` beside its `model.tflite`, at any
    width. A `.tflite` file on its own runs at the sizes it holds.

    The only device is "cpu". The precision is that of the file.
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
        # A runtime built for another NumPy raises anything from ImportError to AttributeError and
        # SystemError. In any case it cannot be used here.
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
            with without_greeting():
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
        # TFLite raises ValueError for what is no TFLite file and RuntimeError for an unknown
        # operation; a template that names another tensor raises KeyError.
        except (ValueError, RuntimeError, KeyError) as error:
            raise _unreadable(artifact.path, str(error)) from error


def _load() -> Runtime:
    try:
        return load_runtime()
    # As in `probe`, a broken installation may raise anything when it is imported.
    except Exception as error:
        raise BackendMissing(
            f"TFLite does not load ({type(error).__name__}: {error})", f"Get it with: {REMEDY}"
        ) from error


def _check_precision(artifact: Artifact, asked: Precision, runtime: Runtime) -> None:
    """Raise PrecisionUnavailable for anything but the precision of the file, which is what TFLite
    computes in."""
    held = artifact.spec.precision
    if asked not in ("auto", held):
        raise PrecisionUnavailable(
            f"TFLite cannot run {artifact.spec.name} in {asked}: it holds {held}",
            f"Use `--precision {held}`, or another `--backend`.",
        )
    if held == "int8" and runtime.distribution == WRONG_IN_INT8:
        raise PrecisionUnavailable(
            f"{WRONG_IN_INT8} {runtime.version} gives wrong results with int8 weights",
            f"Use `--precision fp32`, or install its successor: {REMEDY}",
        )


def _read(artifact: Artifact) -> tuple[bytes, Template | None]:
    """The content of the TFLite file, and its template; None for a `.tflite` file on its own.

    Raises BackendError.
    """
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
        raise _unreadable(path, f"it is not a template made by onnx2tflite ({error})") from error


def _unreadable(path: Path, why: str) -> BackendError:
    return BackendError(
        f"TFLite cannot open {path}: {why.strip().rstrip('.')}",
        "If the file is damaged, delete it and fetch or convert it again (`ocrx models clean`); "
        "if not, try `--backend onnxruntime`.",
    )


def _template_of(artifact: Artifact, runner: Any) -> Template:
    """The template that a TFLite file on its own implies.

    Where the model describes the same inputs, they take the model's order of axes. If their first
    axes count pictures and the file takes one, pictures are run one by one.
    """
    from ocrx_tflite.template import Port, Template

    def port(detail: Any) -> Port:
        shape = tuple(int(size) for size in detail["shape"])
        return Port(detail["name"], shape, _dtype(detail), tuple(range(len(shape))))

    inputs = [port(detail) for detail in runner.get_input_details()]
    outputs = [port(detail) for detail in runner.get_output_details()]
    wanted = artifact.spec.shapes
    rows = False
    if len(wanted) == len(inputs) and not {p.name for p in inputs} - set(wanted):
        rows = all(isinstance(wanted[p.name][0], Axis) and p.shape[:1] == (1,) for p in inputs)
        inputs = [_oriented(p, wanted[p.name]) for p in inputs]
    rows = rows and all(1 in p.shape for p in outputs)
    if rows:
        outputs = [replace(p, axis=p.shape.index(1)) for p in outputs]
    return Template(artifact.path.name, tuple(inputs), tuple(outputs), rows=rows)


def _oriented(port: Any, wanted: Any) -> Any:
    """The port with the model's order of axes, if the file has the same with channels last."""
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
    """A quarter of the machine's memory in megabytes, at most MOST_MEMORY."""
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # this system does not tell
        return MOST_MEMORY
    return min(MOST_MEMORY, pages // 4_000_000)
