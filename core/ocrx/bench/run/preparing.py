"""What happens before measuring: models are fetched and converted, and the machine is examined.

It runs in a process of its own, so that it takes neither time nor memory from what is measured.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from ocrx.artifacts import Artifact
from ocrx.bench.run.messages import Engines, Inventory, Job, Prepared
from ocrx.conversion.kept import FOLDER, MANIFEST, PART
from ocrx.errors import OcrxError
from ocrx.interfaces.networks import CtcModel, NetworkModel
from ocrx.interfaces.runtimes import Availability, SessionOptions
from ocrx.names import Layout, Precision
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.profiles.applied import apply_profile, profile_errors, runtime_option
from ocrx.profiles.runs import Runs, overridden
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import is_page_reader, split_reference
from ocrx.system.processor import named_devices
from ocrx.weights.store import Store

ORIENTER = "paddle"
"""The orienter that a reader uses."""

PACKAGES = ("ocrx", "numpy", "opencv-python-headless", "opencv-python", "pillow", "pypdfium2")


def prepare(job: Job) -> Prepared:
    """Convert every model of the job to the format that its runtime takes.

    Raises what `Reader` raises if something is missing or cannot be converted. Failures of the
    orienter are ignored here: most datasets never need it, and the reader reports them if it does.
    """
    registry = load_plugins()
    store = Store(offline=job.offline)
    assembly = Assembly(registry, store, job.options, cast("Layout", job.layout))
    if job.whole_pages or is_page_reader(registry, job.recognizer):
        with assembly.page_reader(job.recognizer) as engine:
            takes = job.layout != "line" or engine.reads_lines
        return Prepared(True, False, job.layout if takes else "auto", None, None)
    kept = _conversions(store)
    started = time.perf_counter_ns()
    recognizer = assembly.network("recognizer", job.recognizer)
    detector = assembly.network("detector", job.detector) if job.layout != "line" else None
    own_detector = detector is None and job.layout != "line"
    work = _Preparation(assembly, job, own_detector)
    artifacts = work.artifacts(recognizer, "recognizer") if recognizer else []
    if detector is not None:
        artifacts += work.artifacts(detector, "detector")
    with suppress(OcrxError):
        orienter = assembly.network("orienter", ORIENTER)
        if orienter is not None:
            work.artifacts(orienter, "orienter")
    spent = (time.perf_counter_ns() - started) / 1e6
    sizes = [megabytes(artifact) for artifact in artifacts]
    return Prepared(
        recognizer is None,
        own_detector,
        job.layout,
        spent if _conversions(store) != kept else None,
        sum(sizes) if sizes else None,
    )


def machine() -> Inventory:
    """The machine's packages and devices. All runtimes are imported to find them."""
    registry = load_plugins()
    assembly = Assembly(registry, Store(offline=True))
    packages = {name: found for name in PACKAGES if (found := _version(name))}
    devices: dict[str, None] = {}
    names: dict[str, str] = {}
    for name in registry.names("backend"):
        runtime = _probe(assembly, name)
        if runtime.present:
            packages[name] = runtime.version
            devices.update(dict.fromkeys(runtime.devices))
            names.update(runtime.names)
    return Inventory(packages, named_devices(devices, names))


def engines(
    components: Sequence[tuple[str, str]], options: Mapping[str, Any], layout: str
) -> Engines:
    """Which of the components (kind, reference) have a runtime of their own, and which are CTC
    networks.

    The components are made, but no runtime is opened.
    """
    assembly = Assembly(load_plugins(), Store(offline=True), options, cast("Layout", layout))
    names, ctc = [], []
    for kind, reference in components:
        try:
            model = _model(assembly, cast("Kind", kind), reference)
        except OcrxError:  # each of its cells will report it
            ctc.append(f"{kind} {reference}")
            continue
        if model is None:
            names.append(f"{kind} {reference}")
        elif isinstance(model, CtcModel):
            ctc.append(f"{kind} {reference}")
    return Engines(names, ctc)


class _Preparation:
    """Prepares models, and follows the user's profile where the cell's reader will."""

    def __init__(self, assembly: Assembly, job: Job, own_detector: bool) -> None:
        self._assembly = assembly
        self._tuned, self._backend, self._runs = apply_profile(
            cast("Layout", job.layout),
            job.recognizer,
            job.detector,
            job.backend or "auto",
            _runs(job),
            version=assembly.version,
            free=not any((own_detector, *map(runtime_option, job.options))),
        )

    def artifacts(self, model: NetworkModel[Any], kind: Kind) -> list[Artifact]:
        with profile_errors(self._tuned):
            session = self._runs.of(kind)
            runtime = self._assembly.runtime(model.spec, self._backend, session.device)
            return [*self._assembly.artifacts(model, runtime, session).values()]


def _runs(job: Job) -> Runs:
    session = SessionOptions(job.device, cast("Precision", job.precision), job.threads)
    precision = cast("Precision | None", job.detector_precision or None)
    return Runs(
        session, overridden(session, job.detector_device or None, precision, job.detector_threads)
    )


def _model(assembly: Assembly, kind: Kind, reference: str) -> NetworkModel[Any] | None:
    """The component's model; None for one with a runtime of its own."""
    if assembly.registry.find(kind, split_reference(reference)[0]) is None:
        return None  # the name of a page reader
    return assembly.network(kind, reference)


def _probe(assembly: Assembly, name: str) -> Availability:
    try:
        return assembly.available(assembly.backend(name))
    # This is a plugin's code. The cells that need the runtime will report its error.
    except Exception:
        return Availability(False)


def _conversions(store: Store) -> set[tuple[str, int]]:
    """The conversions in the cache, with the time of each in nanoseconds."""
    root = store.cache_dir / FOLDER
    return {(p.name, p.stat().st_mtime_ns) for p in root.glob("*") if _is_result(p)}


def _is_result(path: Path) -> bool:
    return path.is_dir() and PART not in path.name


def megabytes(artifact: Artifact) -> float:
    """The size in MiB of all files of the model."""
    path = artifact.path
    if (path.parent / MANIFEST).is_file():
        path = path.parent
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(f.stat().st_size for f in files if f.is_file() and f.name != MANIFEST) / 2**20


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
