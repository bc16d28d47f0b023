"""What a worker does: reads a shard, and writes what it read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePosixPath

from ocrx.errors import OcrxError, TransientError
from ocrx.images.document import Blob
from ocrx.interfaces.writing import Writer
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.reading.reader import Reader
from ocrx.system.memory import resident_memory, trim_memory
from ocrx.system.text import printable
from ocrx.types import Image, Page, Timing
from ocrx.weights.store import Store
from ocrx_batch.engine import Done, Failure, Job, Record, Shard
from ocrx_batch.folder import CannotWrite, open_folder
from ocrx_batch.manifest import PAGES, write_record
from ocrx_batch.urls import fetch, is_url
from ocrx_batch.watch import Watch
from ocrx_cli.shared.failures import HOPELESS
from ocrx_cli.work.read.pictures import Pictures
from ocrx_cli.work.read.run import Results


class Failures:
    """Collects the failures of a shard. Raises errors that other shards would meet, too."""

    def __init__(self) -> None:
        self._told: list[tuple[str, OcrxError]] = []
        self.written: set[str] = set()
        """Names of the sources of which something is written."""

    def __call__(self, name: str, error: OcrxError) -> None:
        if isinstance(error, (*HOPELESS, CannotWrite)):
            raise error
        self._told.append((name, error))

    def of(self, shard: Shard) -> list[Failure]:
        """All of them, by the names that the shard has for its sources."""
        sources = {printable(one): one for one in shard.sources}
        return [
            Failure.of(
                sources.get(name, name),
                error,
                isinstance(error, TransientError) and name not in self.written,
            )
            for name, error in self._told
        ]


class ShardReader:
    """Reads shards with one reader, which is opened when it is first needed."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._watch = Watch(job.page_seconds)
        self._registry = load_plugins()
        self._folder = open_folder(job.output)
        self._reader: Reader | None = None

    def read(self, shard: Shard) -> Done | OcrxError:
        """Read and write a shard. An error is one that other shards would meet, too."""
        try:
            with self._watch:
                record = self._read(shard)
        except OcrxError as error:
            return error
        trim_memory()
        return Done(shard, record, resident_memory())

    def _read(self, shard: Shard) -> Record:
        failures = Failures()
        rows = self._writer().rows
        pages = (self._rows if rows else self._documents)(shard, failures)
        record = Record(shard.sources, pages, failures.of(shard))
        write_record(self._folder, shard, record)
        return record

    def _rows(self, shard: Shard, failures: Failures) -> int:
        """Write the pages of all sources to one file."""
        count = 0
        writer = self._writer()
        with (
            self._folder.whole(f"{PAGES}/{shard.name}{self._suffix(writer)}") as sink,
            Results(writer, self._name, True, sink) as results,
        ):
            for page in self._pages(_sources(shard, failures), failures):
                failures.written.add(page.source)
                results.add(page, None)
                count += 1
        return count

    def _documents(self, shard: Shard, failures: Failures) -> int:
        """Write the pages of each source to a file of its own."""
        count = 0
        document: _Document | None = None
        with Pictures() as pictures:
            for page in self._pages(pictures.noted(_sources(shard, failures)), failures):
                if (file := pictures.begun(page)) is not None:
                    count += self._finish(document, failures)
                    document = _Document(self._writer(), self._name, file, page.source)
                if document is not None:
                    document.add(page, pictures, failures)
            return count + self._finish(document, failures)

    def _finish(self, document: _Document | None, failures: Failures) -> int:
        """Write a document. Returns how many pages it has."""
        if document is None:
            return 0
        content = document.content()
        if isinstance(content, OcrxError):
            failures(document.name, content)
            return 0
        self._folder.put(f"{PAGES}/{place(document.source)}{self._suffix(self._writer())}", content)
        failures.written.add(document.name)
        return document.pages

    def _pages(self, sources: Iterator[Path | Blob], failures: Failures) -> Iterator[Page]:
        """The pages, without what differs from run to run."""
        if self._reader is None:
            self._reader = Reader(
                **self._job.reader,
                options=self._job.settings,
                registry=self._registry,
                conversion_progress=self._watch.progress,
            )
        for page in self._reader.read_many(sources, failures):
            self._watch.beat()
            yield replace(page, timing=Timing())

    def _writer(self) -> Writer:
        return self._assembly.writer(self._job.form)

    @property
    def _assembly(self) -> Assembly:
        return Assembly(self._registry, Store(), self._job.for_writer)

    @property
    def _name(self) -> str:
        return self._assembly.name_of("writer", self._job.form)

    def _suffix(self, writer: Writer) -> str:
        return writer.suffixes[0] if writer.suffixes else f".{self._job.form}"


class _Document:
    """The document that is made of one source. An error of its writer spoils it alone."""

    def __init__(self, writer: Writer, name: str, file: Path | bytes, source: str) -> None:
        self.name = source
        self.source = str(file) if isinstance(file, Path) else source
        self.pages = 0
        self._error: OcrxError | None = None
        self._buffer = BytesIO()
        self._stack = ExitStack()
        self._results = self._stack.enter_context(Results(writer, name, True, self._buffer))
        self._results.begin_source(file)

    def add(self, page: Page, pictures: Pictures, failures: Failures) -> None:
        """Add a page."""
        if self._error is not None:
            return
        image: Image | None = None
        if self._results.needs_image:
            image = pictures.of(page, failures)
            if image is None:
                return
        try:
            self._results.add(page, image)
            self.pages += 1
        except OcrxError as error:
            self._error = error

    def content(self) -> bytes | OcrxError:
        """All of it, or what is wrong with it."""
        try:
            self._stack.close()
        except OcrxError as error:
            return self._error or error
        return self._error or self._buffer.getvalue()


def place(source: str) -> str:
    """The path below the folder of results for what is read from a path or URL: that of the source,
    as far as it stays there, or else one that begins with "@"."""
    if is_url(source):
        kind, _, rest = source.partition("://")
        return str(PurePosixPath(f"@{kind}", *_parts(rest)))
    path = Path(source)
    if path.is_absolute() or ".." in path.parts:
        return str(
            PurePosixPath("@", *_parts(Path(os.path.normpath(Path.cwd() / path)).as_posix()))
        )
    return path.as_posix()


def _parts(path: str) -> list[str]:
    return [re.sub(r"[:\\]", "", one) for one in path.split("/") if one not in ("", ".", "..")]


def _sources(shard: Shard, failures: Failures) -> Iterator[Path | Blob]:
    for name in shard.sources:
        if not is_url(name):
            yield Path(name)
            continue
        try:
            yield fetch(name)
        except OcrxError as error:
            failures(printable(name), error)
