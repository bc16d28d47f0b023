"""From the command line of `ocrx read` to pages, each written as soon as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ocrx.errors import (
    BackendMissing,
    ConversionFailed,
    DeviceMissing,
    InputError,
    NoRoute,
    OcrxError,
    OutputError,
    PrecisionUnavailable,
    UsageError,
    WeightsError,
)
from ocrx.images.document import Blob
from ocrx.images.opening import open_document
from ocrx.images.sources import expand
from ocrx.output import WRITERS, Writer
from ocrx.reading.reader import Reader
from ocrx.types import Page
from ocrx_cli.shared.settings import parse_settings
from ocrx_cli.terminal.console import INTERRUPTED, note, print_error
from ocrx_cli.terminal.output import Output
from ocrx_cli.terminal.progress import ReadingBar

if TYPE_CHECKING:
    from ocrx_cli.work.read.overlays import Overlays

Source: TypeAlias = Path | Blob

_SUFFIXES = {".txt": "text", **{f".{name}": name for name in WRITERS}}


@dataclass(frozen=True)
class ReadArguments:
    """The command line of `ocrx read`.

    `reader` holds the arguments of Reader but its options, which are in `settings` in the form
    COMPONENT.OPTION=VALUE.
    """

    sources: Sequence[str]
    reader: Mapping[str, Any]
    settings: Sequence[str] = ()
    form: str | None = None
    output: Path | None = None
    overlay: Path | None = None
    debug: bool = False


HOPELESS = (
    UsageError,
    WeightsError,
    BackendMissing,
    ConversionFailed,
    DeviceMissing,
    NoRoute,
    PrecisionUnavailable,
)
"""Errors that no picture causes, and that every other picture would meet too."""


class Failures:
    """Prints an error for each picture that could not be read, and counts them.

    Raises errors that are HOPELESS.
    """

    def __init__(self, debug: bool) -> None:
        self.count = 0
        self._debug = debug

    def __call__(self, name: str, error: OcrxError) -> None:
        if isinstance(error, HOPELESS):
            raise error
        self.count += 1
        about = "" if name in error.message else f"{name}: "
        print_error(f"{about}{error}", error if self._debug else None)


class Results:
    """Writes a document: its beginning on entry, its end on exit.

    The end is written after an error too, so that the pages that were read are a valid document. It
    is not if the output itself failed.
    """

    def __init__(self, writer: Writer, output: Output) -> None:
        self._writer = writer
        self._output = output

    def add(self, page: Page) -> None:
        self._output.write(self._writer.page(page))

    def __enter__(self) -> Results:
        self._output.write(self._writer.begin())
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None or not issubclass(kind, OutputError | BrokenPipeError):
            self._output.write(self._writer.end())


def run(arguments: ReadArguments) -> int:
    """Read everything and return the exit code. Raises OcrxError for an error that stops it all."""
    options = parse_settings(arguments.settings)
    target = None if arguments.output is None or str(arguments.output) == "-" else arguments.output
    _protect_sources(arguments.sources, target)
    failures = Failures(arguments.debug)
    with ExitStack() as stack:
        bar = stack.enter_context(ReadingBar(results_on_stdout=target is None))
        reader = stack.enter_context(
            Reader(
                **arguments.reader,
                options=options,
                progress=bar.download,
                conversion_progress=bar.convert,
            )
        )
        overlays = stack.enter_context(_overlays(arguments.overlay)) if arguments.overlay else None
        sources = bar.count(expand(arguments.sources, failures))
        first = list(islice(sources, 2))
        writer = WRITERS[_form(arguments.form, target)](several=_several(first))
        output = stack.enter_context(Output(target))
        try:
            with Results(writer, output) as results:
                seen = overlays.noted(chain(first, sources)) if overlays else chain(first, sources)
                for page in reader.read_many(seen, failures):
                    results.add(page)
                    bar.read(page)
                    for one in page.notes:
                        note(f"{_page_name(page)}: {one}")
                    if arguments.debug:
                        note(_account(page))
                    if overlays:
                        overlays.draw(page, failures)
        except KeyboardInterrupt:
            note("interrupted; what was read so far is written")
            return INTERRUPTED
    if overlays:
        overlays.tell_missing()
    return InputError.exit_code if failures.count else 0


def _overlays(folder: Path) -> Overlays:
    from ocrx_cli.work.read.overlays import Overlays

    return Overlays(folder)


def _form(asked: str | None, output: Path | None) -> str:
    """The format asked for. Without one that of the output's suffix, or text."""
    return asked or _SUFFIXES.get(output.suffix.lower() if output else "", "text")


def _protect_sources(arguments: Sequence[str], output: Path | None) -> None:
    """Raises UsageError if the output would overwrite a picture that is to be read."""
    if output is None or not output.is_file():
        return
    for argument in arguments:
        if Path(argument).is_file() and output.samefile(argument):
            raise UsageError(
                f"--output {output} would overwrite a picture that is to be read",
                "Give another file.",
            )


def _several(first: Sequence[Source]) -> bool:
    """Whether more than one page will come: of several sources, or of one document."""
    if len(first) != 1:
        return len(first) > 1
    try:
        with open_document(first[0]) as document:
            return len(document) > 1
    except InputError:  # reading it will report this
        return False


def _page_name(page: Page) -> str:
    return f"page {page.index + 1} of {page.source}" if page.index else page.source


def _account(page: Page) -> str:
    """What ran on a page, and how long it took."""
    used = "; ".join(
        f"{u.task}: {u.model} on {u.backend} {u.device} {u.precision}" for u in page.used
    )
    timing = page.timing
    return (
        f"{page.source} [{page.index}]: {len(page.lines)} lines, {timing.total:.0f} ms "
        f"(decode {timing.decode:.0f}, detect {timing.detect:.0f}, "
        f"recognize {timing.recognize:.0f}); {used}"
    )
