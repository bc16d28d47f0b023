"""From the command line of `ocrx batch` to a folder of results."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrx.errors import InputError, OcrxError, UsageError
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import Settings
from ocrx.reading.assembly import Assembly
from ocrx.reading.options import check_options
from ocrx.reading.reader import Reader
from ocrx.system.cpus import available_cpus
from ocrx.system.memory import most_memory
from ocrx.version import VERSION
from ocrx.weights.store import Store
from ocrx_batch.driver import Driver, Renewal
from ocrx_batch.engine import Done, Engine, Failure, Job, Record, Shard
from ocrx_batch.folder import Folder, open_folder
from ocrx_batch.manifest import Manifest, check_record, forget, write_record
from ocrx_batch.sources import listed, names_of, shard_size, shards_of
from ocrx_cli.asked import Asked
from ocrx_cli.shared.failures import Failures
from ocrx_cli.terminal.console import INTERRUPTED, confirm, note, print_error
from ocrx_cli.work.read.costs import LARGE

SCHEMA = "ocrx-batch/1"
EVERY = 30.0
"""Seconds between two lines that say how far the run is."""
PATIENCE = 60.0
"""Seconds until a file that another machine has written must be seen here."""
MACHINES = ("threads", "detector_threads", "recognizer_threads", "offline")
"""Arguments of a reader that do not decide on what it reads."""


@dataclass(frozen=True)
class BatchArguments:
    """The command line of `ocrx batch`. `asked` is what it has of `ocrx read`."""

    sources: Sequence[str]
    files_from: Sequence[Path]
    asked: Asked
    output: str
    form: str
    engine: str
    workers: int | None
    cpus: int
    shard: int
    renew_pages: int
    renew_memory: int | None
    page_seconds: float
    address: str | None
    num_gpus: float
    yes: bool
    debug: bool


class Progress:
    """Says now and then how far a run is."""

    def __init__(self) -> None:
        self._started = self._told = time.monotonic()
        self._pages = 0

    def add(self, pages: int, left: int) -> None:
        """So many pages were read, and so many sources are left."""
        self._pages += pages
        now = time.monotonic()
        if now - self._told >= EVERY:
            self._told = now
            rate = self._pages / (now - self._started)
            note(f"{self._pages} pages, {rate:.1f} a second; {left} sources are left")


def run(arguments: BatchArguments) -> int:
    """Read everything and return the exit code. Raises OcrxError for an error that stops it all."""
    asked = arguments.asked
    reader, settings, for_writer = asked.reader, asked.settings, asked.for_writer
    _check_form(arguments.form, for_writer)
    threads = _threads(reader, settings, arguments.cpus)
    failures = Failures(arguments.debug)
    given = [*arguments.sources, *listed(arguments.files_from)]
    if not given:
        raise UsageError("there is nothing to read", "Name files, folders or URLs.")
    names = names_of(given, failures)
    job = Job(
        {**reader, **({"threads": threads} if threads else {})},
        settings, arguments.form, for_writer, arguments.output, arguments.page_seconds,
        arguments.cpus,
    )  # fmt: skip
    folder = open_folder(arguments.output)
    about = {
        "schema": SCHEMA,
        "version": VERSION,
        "format": arguments.form,
        "shard": arguments.shard,
        "reader": {name: value for name, value in reader.items() if name not in MACHINES},
        "settings": settings,
        "writer settings": for_writer,
    }
    with folder.alone():
        manifest = Manifest(folder, about, shard_size(len(names)))
        if manifest.done:
            note(f"going on: {len(manifest.done)} sources are done")
        left = sum(name not in manifest.done for name in names)
        _agree(_cost(reader, settings, left), left, arguments.yes)
        engine = _engine(arguments, job)
        try:
            _read_all(arguments, engine, folder, manifest, names)
        except KeyboardInterrupt:
            note("interrupted; the same command goes on where this one stopped")
            return INTERRUPTED
        finally:
            engine.close()
            with suppress(OcrxError):  # of a full disk, say, which is being told
                manifest.write_failures()
    failed = len(manifest.failures)
    note(f"pages in {arguments.output}: {manifest.pages}; failures in failed.jsonl: {failed}")
    return InputError.exit_code if failed or failures.count else 0


def _read_all(
    arguments: BatchArguments,
    engine: Engine,
    folder: Folder,
    manifest: Manifest,
    names: Sequence[str],
) -> None:
    progress = Progress()

    def add(record: Record) -> None:
        manifest.add(record)
        progress.add(record.pages, len(names) - len(manifest.done))
        for one in record.failed:
            about = "" if one.source in one.message else f"{one.source}: "
            print_error(f"{about}{one.message}. {one.remedy}")

    def done(answer: Done) -> None:
        check_record(folder, answer.shard, PATIENCE)
        add(answer.record)

    def failed(shard: Shard, failure: Failure) -> None:
        record = Record(shard.sources, 0, [failure])
        write_record(folder, shard, record)
        add(record)

    renewal = Renewal(arguments.renew_pages, _most_memory(arguments, engine.workers))
    driver = Driver(engine, renewal, done, failed, note)
    try:
        driver.run(shards_of(names, manifest.shard_size, manifest.done))
    finally:
        for shard in driver.divided:
            forget(folder, shard)


def _check_form(form: str, for_writer: Settings) -> None:
    """Raises what making its writer raises, before anything is read."""
    check_options(for_writer, {"writer": [form]})
    Assembly(load_plugins(), Store(), for_writer).writer(form)


def _threads(reader: Mapping[str, Any], settings: Settings, cpus: int) -> int | None:
    """The threads of each reader; None if it has none to set. Raises what opening the reader
    does."""
    if "threads" in reader:
        _cost(reader, settings, 1)
        return int(reader["threads"])
    try:
        _cost({**reader, "threads": cpus}, settings, 1)
    except UsageError:  # it has a runtime of its own, or something else is wrong
        _cost(reader, settings, 1)
        return None
    return cpus


def _cost(reader: Mapping[str, Any], settings: Settings, pages: int) -> str:
    with Reader(**reader, options=settings) as opened:
        return opened.cost(pages)


def _agree(cost: str, sources: int, agreed: bool) -> None:
    """Raises UsageError for what costs money, if nobody agrees."""
    if not cost or sources < LARGE:
        return
    told = f"reading {sources} sources costs {cost}, or more if they have several pages"
    if agreed:
        note(told)
    elif not confirm(f"{told}. Go on?"):
        raise UsageError(told, "Add --yes to read them.")


def _engine(arguments: BatchArguments, job: Job) -> Engine:
    if arguments.engine == "ray":
        from ocrx_batch.cluster import RayEngine

        return RayEngine(
            job, arguments.workers, arguments.address, arguments.cpus, arguments.num_gpus
        )
    if arguments.address or arguments.num_gpus:
        raise UsageError(
            "--address and --num-gpus are for a Ray cluster", "Add --engine ray, or leave them out."
        )
    from ocrx_batch.local import LocalEngine

    return LocalEngine(job, arguments.workers or max(1, available_cpus() // arguments.cpus))


def _most_memory(arguments: BatchArguments, workers: int) -> int:
    """The bytes that a worker may hold."""
    if arguments.renew_memory:
        return arguments.renew_memory * 1_000_000
    return most_memory(workers if arguments.engine == "local" else 1)
