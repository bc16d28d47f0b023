"""From the files a model is published as to one that a runtime takes.

The graph's nodes are (format, precision), its edges what the converters make; a published file
costs nothing, so it beats any conversion. `ocrx.converted` keeps the results.
"""

from __future__ import annotations

import errno
import hashlib
import heapq
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from ocrx.artifacts import Artifact, Format, ModelSpec, Precision
from ocrx.converted import FOLDER, PART, files_of, hash_of, remove, seal, whole
from ocrx.errors import (
    BackendError,
    BackendMissing,
    DeviceMissing,
    NoRoute,
    OcrxError,
    PluginError,
    PrecisionUnavailable,
    WeightsError,
    told_as_plugin_error,
)
from ocrx.interfaces import Availability, Backend, Calibration, Conversion, Converter, Report
from ocrx.store import Store, alone

Node: TypeAlias = tuple[Format, Precision]
Calibrate: TypeAlias = Callable[[], Calibration | None]

# Errors of the disk, whoever's code met them.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
ROOM = 1 << 20


def silent(fraction: float, what: str) -> None:
    """A Report that nobody sees."""


@dataclass(frozen=True)
class Route:
    """A published artifact's format and the converters to go through, with the node each makes."""

    start: Format
    steps: tuple[tuple[Converter, Node], ...] = ()


@dataclass(frozen=True)
class Wanted:
    """What a session is opened with: the runtime, the precision asked for, the device."""

    backend: Backend
    precision: Precision = "auto"
    device: str = "auto"


def is_published(spec: ModelSpec, wanted: Wanted) -> bool:
    """Whether the runtime takes one of the model's files as it is."""
    return _best(_ways(spec, (), usable_only=True), spec, wanted) is not None


def find_route(spec: ModelSpec, wanted: Wanted, converters: Sequence[Converter]) -> Route:
    """The cheapest way from a published file of the model to one that the runtime takes.

    Where two cost the same, the format the runtime likes better wins. Raises NoRoute, naming the
    formats held and the edges there are; BackendMissing if the only way needs a converter that is
    not installed, with the command that gets it.
    """
    # First without any converter: looking whether one is there imports what it is made of.
    for usable in ((), converters):
        reached = _best(_ways(spec, usable, usable_only=True), spec, wanted)
        if reached is not None:
            return reached
    possible = _best(_ways(spec, converters, usable_only=False), spec, wanted)
    if possible is not None:
        absent = next(c for c, _ in possible.steps if not _probe(c).present)
        found = _probe(absent)
        raise BackendMissing(
            f"{spec.name} reaches {wanted.backend.name} only through the converter "
            f"{absent.name!r}, which is not here ({found.detail or 'not installed'})",
            f"Get it with: {found.remedy}",
        )
    edges = dict.fromkeys(
        f"{c.name} ({a} to {d} {p})" for c in converters for a, _, d, p in c.makes
    )
    raise NoRoute(
        f"{spec.name} is published as {', '.join(spec.artifacts)}, {wanted.backend.name} takes "
        f"{', '.join(wanted.backend.accepts)} in {_weights(spec, wanted)}, and no converter leads "
        f"there (tried: {'; '.join(edges) or 'none installed'})",
        "Choose another backend or precision; `ocrx doctor` lists them.",
    )


def _probe(converter: Converter) -> Availability:
    try:
        return converter.probe()
    # A plugin's code runs here, and must not take away the routes that go without it.
    except Exception as error:
        return Availability(
            False,
            detail=f"{type(error).__name__}: {error}",
            remedy="a version of its plugin that works here",
        )


def _ways(
    spec: ModelSpec, converters: Sequence[Converter], *, usable_only: bool
) -> dict[Node, tuple[float, Route]]:
    """The cheapest way to every node that can be reached (Dijkstra)."""
    usable = [c for c in converters if not usable_only or _probe(c).present]
    best: dict[Node, tuple[float, Route]] = {}
    queue: list[tuple[float, int, Node, Route]] = []
    for form in spec.artifacts:
        heapq.heappush(queue, (0.0, len(queue), (form, spec.precision), Route(form)))
    count = len(queue)
    while queue:
        cost, _, node, route = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = (cost, route)
        for converter in usable:
            for source, held, target, made in converter.makes:
                if (source, held) == node and (target, made) not in best:
                    count += 1
                    step = (converter, (target, made))
                    further = Route(route.start, (*route.steps, step))
                    heapq.heappush(queue, (cost + converter.cost, count, (target, made), further))
    return best


def _best(
    ways: Mapping[Node, tuple[float, Route]], spec: ModelSpec, wanted: Wanted
) -> Route | None:
    weights = _weights(spec, wanted)
    found = [
        (*ways[form, weights][:1], rank, ways[form, weights][1])
        for rank, form in enumerate(wanted.backend.accepts)
        if (form, weights) in ways
    ]
    return min(found, key=lambda way: way[:2])[2] if found else None


def _weights(spec: ModelSpec, wanted: Wanted) -> Precision:
    """The precision the file must have; whatever is published serves "auto", and what asks for
    just that."""
    if wanted.precision in ("auto", spec.precision):
        return spec.precision
    return wanted.backend.weights(wanted.precision)


class Workshop:
    """Makes artifacts and keeps them. Several threads and processes may share one cache."""

    def __init__(self, store: Store, converters: Sequence[Converter], report: Report) -> None:
        self._store = store
        self._converters = converters
        self._report = report

    def artifact(
        self, spec: ModelSpec, wanted: Wanted, calibrate: Calibrate = lambda: None
    ) -> Artifact:
        """The model in a format the runtime takes: published, converted before, or converted now.

        `calibrate` is called if there is something to convert. Raises NoRoute, BackendMissing,
        ConversionFailed, WeightsError.
        """
        missing = None
        try:
            route = find_route(spec, wanted, self._converters)
        except BackendMissing as error:
            possible = _best(_ways(spec, self._converters, usable_only=False), spec, wanted)
            if possible is None:
                raise
            # What a converter has made serves without it, on another machine too.
            route, missing = possible, error
        artifact = Artifact(self._store.path(spec.artifacts[route.start]), route.start, spec)
        calibration = calibrate() if route.steps else None
        for converter, (target, precision) in route.steps:
            made = replace(spec, precision=precision)
            conversion = Conversion(made, artifact, precision, wanted.device, calibration)
            if missing is None:
                path = self._converted(converter, conversion)
            else:
                path = self._kept(converter, conversion, missing)
            artifact = Artifact(path, target, made)
        return artifact

    def _kept(self, converter: Converter, conversion: Conversion, missing: BackendMissing) -> Path:
        """The main file of the conversion's result if it was made before; raises `missing`."""
        try:
            found = whole(self._place(converter, conversion)[0])
        except BackendError as error:  # it cannot say what its result depends on
            raise missing from error
        if found is None:
            raise missing
        return found

    def _place(self, converter: Converter, conversion: Conversion) -> tuple[Path, dict[str, str]]:
        """The folder of the conversion's result, and all that it depends on."""
        with told_as_plugin_error(f"the converter {converter.name!r}"):
            depends_on = converter.fingerprint(conversion)
        identity = {
            "model": conversion.spec.name,
            "converter": converter.name,
            "source": hash_of(conversion.artifact.path),
            "precision": conversion.precision,
            **depends_on,
        }
        key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]
        return self._store.cache_dir / FOLDER / key, identity

    def _converted(self, converter: Converter, conversion: Conversion) -> Path:
        """The main file of the conversion's result, made if it is not in the cache or damaged."""
        folder, identity = self._place(converter, conversion)
        found = whole(folder)
        if found is None:
            with alone(folder):
                # Someone else may have made it while we waited.
                found = whole(folder) or self._make(converter, conversion, folder, identity)
        return found

    def _make(
        self,
        converter: Converter,
        conversion: Conversion,
        folder: Path,
        identity: Mapping[str, str],
    ) -> Path:
        """Convert into a folder beside, seal it with its manifest, and only then give it the name
        under which it is looked for: a process killed at any point leaves nothing that is used."""
        work = folder.with_name(f"{folder.name}{PART}{secrets.token_hex(4)}")
        try:
            remove(folder)  # what is damaged, and what a process that was killed here has left
            work.mkdir()  # as readable for others as whatever else the user makes
        except OSError as error:
            raise _disk_error(folder, error) from error
        try:
            main = self._convert(converter, conversion, work)
            seal(work, main, identity)
            work.replace(folder)
        except OSError as error:
            raise _disk_error(folder, error) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return folder / main

    def _convert(self, converter: Converter, conversion: Conversion, work: Path) -> str:
        """What the converter says is its main file. Raises OSError for what is the disk's fault."""

        def report(fraction: float, what: str) -> None:
            self._report(fraction, f"{conversion.spec.name}: {what}")

        try:
            with told_as_plugin_error(f"the converter {converter.name!r}"):
                main = converter.convert(conversion, work, report)
        except (PluginError, BackendError) as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in OF_THE_DISK:
                raise cause from None
            _check_room(work, conversion, error)
            raise
        if not (work / main).is_file():
            raise PluginError(
                f"the converter {converter.name!r} did not write the file {main!r} it speaks of",
                "Report it to its author, or choose another `--backend`.",
            )
        return main


def _check_room(work: Path, conversion: Conversion, failure: OcrxError) -> None:
    """WeightsError if files cannot have been written: most libraries that fail at it do not say so.

    A file of a few times the source's size is written where the result goes, and where temporary
    files do.
    """
    if isinstance(failure, BackendMissing | DeviceMissing | PrecisionUnavailable):
        return
    size = 4 * sum(p.stat().st_size for p in files_of(conversion.artifact.path))
    for folder in (work, Path(tempfile.gettempdir())):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                for _ in range(0, size, ROOM):
                    file.write(bytes(ROOM))
        except OSError as error:
            where = folder.parent if folder == work else folder
            raise WeightsError(
                f"{conversion.spec.name} cannot be converted, for {where} takes no file of "
                f"{size / 1e6:.0f} MB: {error.strerror or error} ({failure.message})",
                "Free some space there, or set "
                f"{'OCRX_CACHE_DIR' if folder == work else 'TMPDIR'} to another folder.",
            ) from failure


def _disk_error(folder: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"the conversion cannot be kept in {folder.parent}: {error.strerror or error}",
        "Free some space or make it writable, or set OCRX_CACHE_DIR to another folder.",
    )
