"""What goes before measuring, in a process of its own: models fetched and converted, so that this
takes neither time nor memory from what is measured; and what there is to know of the machine."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from ocrx.artifacts import Artifact, Precision
from ocrx.assembly import Assembly, calibration_of, split_reference
from ocrx.bench.messages import Engines, Job, Machine, Prepared
from ocrx.converted import FOLDER, MANIFEST, PART
from ocrx.cpus import available_cpus
from ocrx.errors import OcrxError
from ocrx.interfaces import Availability, SessionOptions
from ocrx.plugins import Kind, Registry, load_plugins
from ocrx.store import Store
from ocrx.types import Layout

ORIENTER = "paddle"
"""The one that a reader takes."""

PACKAGES = ("ocrx", "numpy", "opencv-python-headless", "opencv-python", "pillow", "pypdfium2")


def prepare(job: Job) -> Prepared:
    """Bring every model of the job to the format that its runtime takes.

    Raises what `Reader` does for what is missing or has no route. What fails of the orienter is not
    told: most sets never need it, and the reader says it of those that do.
    """
    registry = load_plugins()
    store = Store(offline=job.offline)
    assembly = Assembly(registry, store, job.options, cast("Layout", job.layout))
    reader = _page_reader(registry, job)
    if reader is not None:
        with assembly.page_reader(job.recognizer) as engine:
            takes = job.layout != "line" or engine.reads_lines
        return Prepared(True, False, job.layout if takes else "auto", None, None)
    work = _Preparation(assembly, job)
    kept = _conversions(store)
    started = time.perf_counter_ns()
    recognizer = work.artifact("recognizer", job.recognizer)
    detector = work.artifact("detector", job.detector) if job.layout != "line" else None
    with suppress(OcrxError):
        work.artifact("orienter", ORIENTER)
    spent = (time.perf_counter_ns() - started) / 1e6
    sizes = [_megabytes(a) for a in (recognizer, detector) if a is not None]
    return Prepared(
        recognizer is None,
        detector is None and job.layout != "line",
        job.layout,
        spent if _conversions(store) != kept else None,
        sum(sizes) if sizes else None,
    )


def machine() -> Machine:
    """What there is to know of the machine: runtimes are imported for it."""
    registry = load_plugins()
    assembly = Assembly(registry, Store(offline=True))
    packages = {name: found for name in PACKAGES if (found := _version(name))}
    devices: dict[str, None] = {}
    for name in registry.names("backend"):
        runtime = _probe(assembly, name)
        if runtime.present:
            packages[name] = runtime.version
            devices.update(dict.fromkeys(runtime.devices))
    return Machine(packages, list(devices))


def engines(
    components: Sequence[tuple[str, str]], options: Mapping[str, Any], layout: str
) -> Engines:
    """Which of the components (kind, reference) have a runtime of their own. They are made for it,
    and no runtime is opened."""
    assembly = Assembly(load_plugins(), Store(offline=True), options, cast("Layout", layout))
    return Engines(
        [
            f"{kind} {reference}"
            for kind, reference in components
            if _is_engine(assembly, cast("Kind", kind), reference)
        ]
    )


class _Preparation:
    def __init__(self, assembly: Assembly, job: Job) -> None:
        self._assembly = assembly
        self._backend = job.backend or "auto"
        precision = cast("Precision", job.precision)
        self._session = SessionOptions(job.device, precision, job.threads or available_cpus())

    def artifact(self, kind: Kind, reference: str) -> Artifact | None:
        """The component's model file; None if it has a runtime of its own."""
        model = self._assembly.network(kind, reference)
        if model is None:
            return None
        runtime = self._assembly.runtime(model.spec, self._backend)
        return self._assembly.artifact(
            model.spec, runtime, self._session, lambda: calibration_of(model)
        )


def _page_reader(registry: Registry, job: Job) -> str | None:
    """The engine that the recogniser's name means, if none but such has it."""
    name = split_reference(job.recognizer)[0]
    known = registry.find("recognizer", name) or not registry.find("page_reader", name)
    return None if known else name


def _is_engine(assembly: Assembly, kind: Kind, reference: str) -> bool:
    if assembly.registry.find(kind, split_reference(reference)[0]) is None:
        return kind == "recognizer"  # the name of a page reader
    try:
        return assembly.network(kind, reference) is None
    except OcrxError:  # each of its cells will meet and tell it
        return False


def _probe(assembly: Assembly, name: str) -> Availability:
    try:
        return assembly.backend(name).probe()
    # A plugin's code runs here; the cells that need it will tell.
    except Exception:
        return Availability(False)


def _conversions(store: Store) -> set[tuple[str, int]]:
    """What the cache holds of conversions, and since when."""
    root = store.cache_dir / FOLDER
    return {(p.name, p.stat().st_mtime_ns) for p in root.glob("*") if _is_result(p)}


def _is_result(path: Path) -> bool:
    return path.is_dir() and PART not in path.name


def _megabytes(artifact: Artifact) -> float:
    """Of all files that make the model up."""
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
