"""A chain of compressors: from a model to a folder with a smaller one and its record."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, cast

from ocrx.artifacts import Artifact, Format
from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.info import describe
from ocrx.bench.figures.folding import Folding
from ocrx.bench.run.runner import Observer
from ocrx.compression.data import divided, every, images, lines
from ocrx.compression.measuring import Bench, Kind
from ocrx.conversion.calibration import calibration_on
from ocrx.conversion.kept import hash_of
from ocrx.conversion.routes import Wanted, find_route, leads, wanted_by
from ocrx.conversion.workshop import Workshop
from ocrx.errors import (
    BackendMissing,
    ConversionFailed,
    NoRoute,
    OutputError,
    UsageError,
    plugin_errors,
)
from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.networks import NetworkModel
from ocrx.names import Precision
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import split_reference
from ocrx.system.files import FULL
from ocrx.weights.records import Record, Step, origin, record_of, write_record


@dataclass(frozen=True)
class Order:
    """What is to be compressed, and how.

    `reference` is a component, `methods` the chain of compressors. The figures are measured on
    `test`, or on every second picture of `data`. `runtimes` are those to measure on; none means the
    one that a reader would choose for the result. `budget` is in points of accuracy.
    """

    kind: Kind
    reference: str
    methods: Sequence[str]
    data: Dataset
    test: Dataset | None = None
    runtimes: Sequence[str] = ()
    budget: float | None = None
    seed: int = 0
    folding: Folding = field(default_factory=Folding)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def compress(
    order: Order, assembly: Assembly, target: Path, progress: Progress, observer: Observer
) -> Record:
    """Compress the model into the new folder `target`, and measure it before and after.

    The folder appears when all is done: a run that fails or is killed leaves none. If only
    measuring fails, the folder has a record without figures. Raises UsageError for an order that
    cannot be met, BackendMissing for a compressor that needs something that is not installed,
    ConversionFailed if compressing or measuring fails, OutputError if the folder cannot be written.
    """
    with _chain(order, assembly, target, progress) as chain:
        folder, record = chain.run()
        try:
            record = chain.measured(folder, record, observer)
        except ConversionFailed as error:
            _publish(folder, target)
            told = f"{target} is made, but has no figures: {error.message}"
            raise ConversionFailed(told, error.remedy) from error
        write_record(record, folder)
        _publish(folder, target)
    return record


def compress_only(order: Order, assembly: Assembly, target: Path, progress: Progress) -> Record:
    """Compress the model into the new folder `target`, with a record without figures.

    Of the order's pictures those that would be measured are left alone. Raises what `compress`
    raises, and likewise leaves no folder behind when it fails.
    """
    with _chain(order, assembly, target, progress) as chain:
        folder, record = chain.run()
        _publish(folder, target)
    return record


@contextmanager
def _chain(order: Order, assembly: Assembly, target: Path, progress: Progress) -> Iterator[_Chain]:
    """The chain, with a folder to work in. Raises OutputError if the target exists, or lies where
    nothing can be written."""
    _check_place(target)
    with _room(), TemporaryDirectory(prefix="ocrx-compress-") as scratch:
        yield _Chain(order, assembly, Path(scratch), progress)


@contextmanager
def _room() -> Iterator[None]:
    """A full disk for temporary files is told as what it is, whoever meets it."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise OutputError(
            f"the disk of {gettempdir()} is full",
            "Free some space there, or set TMPDIR to a folder on another disk.",
        ) from error


class _Chain:
    def __init__(self, order: Order, assembly: Assembly, scratch: Path, progress: Progress) -> None:
        self._order, self._assembly = order, assembly
        self._scratch, self._progress = scratch, progress
        self._compressors = [_compressor(assembly, name) for name in order.methods]
        for before, after in pairwise(self._compressors):
            if before.makes is not None:
                _check_takes(after, before.makes, before.name)
        self._model = self._network(order.reference)
        task, budget = self._model.spec.task, order.budget is not None
        self._pictures = divided(order.data, order.test, task, budget=budget)
        self._check_runtimes()
        self.before: Callable[[], float] = cache(partial(self._accuracy, order.reference))

    def run(self) -> tuple[Path, Record]:
        """The folder of the last network, and its record without figures."""
        shown = images(self._pictures.learned, self._model.spec.task)
        learned = describe(self._pictures.learned)
        model, artifact = original = self._found(self._compressors[0], self._order.reference)
        record = self._record(artifact, learned)
        folder = self._scratch
        for number, compressor in enumerate(self._compressors):
            held = (artifact.format, artifact.spec.precision)
            _check_takes(compressor, held, record.methods or "nothing")
            folder = self._scratch / str(number)
            folder.mkdir()
            asked = Compression(
                model,
                artifact,
                original,
                calibration_on(model, shown, learned.digest),
                partial(lines, self._pictures.learned),
                partial(every, self._pictures.learned, self._model.spec.task),
                partial(self._measure, record, compressor),
                self.before,
                partial(self._found, compressor),
                self._order.budget,
                self._order.seed,
            )
            with plugin_errors(f"the compressor {compressor.name!r}"), _room():
                made = compressor.compress(asked, folder, self._progress)
            record = _extended(record, compressor, made, folder)
            write_record(record, folder)
            model = self._network(str(folder))
            artifact = Artifact(folder / made.main, made.format, model.spec)
        return folder, record

    def measured(self, folder: Path, record: Record, observer: Observer) -> Record:
        """The record with figures of the harness, and the verdict."""
        spec = self._network(str(folder)).spec
        runtimes = self._order.runtimes or [self._assembly.runtime(spec, "auto").name]
        bench = replace(self._bench(), runtimes=runtimes)
        self._progress(0.95, "measuring")
        (before, after), machine = bench.figures(
            [self._order.reference, str(folder)], self._pictures.held, observer
        )
        told = describe(self._pictures.held)
        record = replace(
            record,
            measure=bench.measure,
            before=before,
            after=after,
            held={"name": told.name, "samples": told.samples, "digest": told.digest},
            machine=machine,
            created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
        return replace(record, verdict=verdict(record))

    def _check_runtimes(self) -> None:
        """Raises what stands in the way of reading the model, and what is made of it, on the
        runtimes to measure on, before hours have been spent on it."""
        spec, last = self._model.spec, self._compressors[-1]
        for name in self._order.runtimes:
            runtime = self._assembly.runtime(spec, name)
            if last.makes is not None:
                form, precision = last.makes
                source = next(iter(spec.artifacts.values()))
                made = replace(spec, artifacts={form: source}, precision=precision, rounded={})
                if not leads(made, wanted_by(runtime, made), self._assembly.converters()):
                    raise UsageError(
                        f"{name} takes no {form} in {precision}, which is what {last.name} makes",
                        f"Choose another runtime to measure on, or leave out {last.name}.",
                    )
            find_route(spec, wanted_by(runtime, spec), self._assembly.converters())

    def _network(self, reference: str) -> NetworkModel[Any]:
        return _single(self._assembly.network(self._order.kind, reference), reference)

    def _found(self, compressor: Compressor, reference: str) -> tuple[NetworkModel[Any], Artifact]:
        """A model, and its file in a form that the compressor takes."""
        model, store = self._network(reference), self._assembly.store
        workshop = Workshop(store, self._assembly.converters(), self._progress)
        wanted = Wanted(f"the compressor {compressor.name}", compressor.accepts)
        try:
            return model, workshop.artifact(model.spec, wanted)
        except NoRoute as error:
            forms = ", ".join(f"{form} in {held}" for form, held in model.spec.published("cpu"))
            raise UsageError(
                f"{model.spec.name} is published as {forms}, and {compressor.name} starts from "
                f"{', '.join(map(' in '.join, compressor.accepts))}",
                "Compress a model that is published so; of a compressed one, its original.",
            ) from error

    def _record(self, artifact: Artifact, learned: Any) -> Record:
        name, variant = split_reference(self._order.reference)
        known = record_of(Path(variant).expanduser()) if variant else None
        sha256 = hash_of(artifact.path)
        return Record(
            kind=self._order.kind,
            component=name,
            variant=origin(variant),
            task=self._model.spec.task,
            model=self._model.spec.name,
            file=artifact.path.name,
            format=artifact.format,
            precision=artifact.spec.precision,
            sha256=sha256,
            source_sha256=known[0].source_sha256 if known else sha256,
            steps=tuple(known[0].steps) if known else (),
            seed=self._order.seed,
            budget=self._order.budget,
            data={"name": learned.name, "samples": learned.samples, "digest": learned.digest},
        )

    def _measure(
        self, record: Record, compressor: Compressor, folder: Path, made: Compressed
    ) -> float:
        write_record(_extended(record, compressor, made, folder), folder)
        return self._accuracy(str(folder))

    def _accuracy(self, reference: str) -> float:
        return self._bench().accuracy(reference, self._pictures.learned)

    def _bench(self) -> Bench:
        runtimes = self._order.runtimes or ["auto"]
        return Bench(self._order.kind, runtimes, self._order.folding, self._reader_options())

    def _reader_options(self) -> Mapping[str, Mapping[str, Any]]:
        options = self._order.options
        return {key: one for key, one in options.items() if key.split(".")[0] != "compressor"}


def _compressor(assembly: Assembly, name: str) -> Compressor:
    """The compressor. Raises UnknownName, or BackendMissing if it needs something."""
    found = cast("Compressor", assembly.made("compressor", name, Compressor))
    with plugin_errors(f"the compressor {name!r}"):
        available = found.probe()
    if not available.present:
        raise BackendMissing(
            f"the compressor {name!r} cannot run here ({available.detail or 'not installed'})",
            f"Get it with: {available.remedy}",
        )
    return found


def _check_takes(compressor: Compressor, held: tuple[Format, Precision], before: str) -> None:
    """Raise UsageError for a compressor that cannot start from what those before it have made."""
    if held not in compressor.accepts:
        raise UsageError(
            f"{compressor.name} cannot follow {before}: it takes no {' '.join(held)}",
            f"Put {compressor.name} before the others.",
        )


def _single(model: NetworkModel[Any] | None, reference: str) -> NetworkModel[Any]:
    if model is None:
        raise UsageError(
            f"{reference!r} has a runtime of its own, and no network that could be compressed",
            "Choose a model that `ocrx models list` shows with a file.",
        )
    if model.spec.parts:
        raise UsageError(
            f"{reference!r} consists of several networks, which cannot be compressed yet",
            "Choose a model of one network.",
        )
    return model


def _extended(record: Record, compressor: Compressor, made: Compressed, folder: Path) -> Record:
    step = Step(compressor.name, dict(compressor.settings), made.notes, record.sha256)
    if made.component:
        name, variant = split_reference(made.component)
        record = replace(record, component=name, variant=origin(variant))
    return replace(
        record,
        steps=(*record.steps, step),
        file=made.main,
        format=made.format,
        precision=made.precision,
        sha256=hash_of(folder / made.main),
    )


def _check_place(target: Path) -> None:
    """Raise OutputError for a target that exists or cannot be written, which would cost a run."""
    if target.exists():
        raise OutputError(f"{target} exists", "Name a new folder with --output.")
    above = next(one for one in target.absolute().parents if one.exists())
    try:
        TemporaryDirectory(prefix=".ocrx-", dir=above).cleanup()
    except OSError as error:
        raise _cannot_write(target, error) from error


def _cannot_write(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{target} cannot be written: {error.strerror or error}",
        "Give a folder that can be written, on a disk with room.",
    )


def _publish(folder: Path, target: Path) -> None:
    """Copy the folder beside its place, and only then give it its name."""
    part = target.with_name(f"{target.name}.part-{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, part, copy_function=partial(_copy, target))
        part.replace(target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(target: Path, source: str, place: str) -> None:
    """Copy a file. Raises OutputError, since `copytree` goes on after an OSError, and lists all."""
    try:
        shutil.copy2(source, place)
    except OSError as error:
        raise _cannot_write(target, error) from error


def verdict(record: Record) -> str:
    """In a sentence: whether the budget was kept, and whether the result is smaller and faster."""
    before, after = record.before[0], record.after[0]
    lost = before.accuracy[0] - after.accuracy[0]
    size, time = after.megabytes / before.megabytes, after.ms / before.ms
    change = "gained" if lost < 0 else "lost"
    whole = " of the whole reading" if record.task == "detection" else ""
    told = (
        f"{abs(lost):.2f} points of {record.measure} {change}, {size:.2f} of the size, "
        f"{time:.2f} of the time{whole} on {after.runtime}"
    )
    if record.budget is not None and lost > record.budget:
        return f"The budget of {record.budget:g} points is not kept: {told}."
    if size >= 1 and time >= 1:
        return f"It does not pay here: {told}."
    kept = "" if record.budget is None else f"The budget of {record.budget:g} points is kept: "
    return f"{kept}{told}."
