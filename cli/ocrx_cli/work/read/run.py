"""From the command line of `ocrx read` to pages, each written as soon as it is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ocrx.errors import (
    InputError,
    OcrxError,
    OutputError,
    PluginError,
    UsageError,
    plugin_errors,
)
from ocrx.images.document import Blob
from ocrx.images.opening import open_document
from ocrx.images.sources import expand
from ocrx.interfaces.writing import Writer
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings, take
from ocrx.reading.assembly import Assembly
from ocrx.reading.options import check_options
from ocrx.reading.reader import Reader
from ocrx.system.memory import share_memory
from ocrx.types import Image, Page
from ocrx.weights.store import Store
from ocrx_cli.shared.failures import Failures
from ocrx_cli.terminal.console import INTERRUPTED, note
from ocrx_cli.terminal.output import Output
from ocrx_cli.terminal.progress import ReadingBar
from ocrx_cli.work.read.costs import agreed
from ocrx_cli.work.read.pictures import Pictures

if TYPE_CHECKING:
    from ocrx.output.overlay import OverlayFolder

Source: TypeAlias = Path | Blob


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
    yes: bool = False


class Stream(Protocol):
    """Where a document goes."""

    def write(self, piece: bytes, /) -> object:
        """Write all of it, or raise."""


class Results:
    """Writes a document: its beginning on entry, its end on exit.

    The end is written after an error too, so that the pages that were read are a valid document. It
    is not if the output itself failed.
    """

    def __init__(self, writer: Writer, name: str, several: bool, output: Stream) -> None:
        self._writer = writer
        self._name = name
        self._several = several
        self._output = output

    @property
    def needs_image(self) -> bool:
        """Whether the writer needs the pictures of the source that was begun last."""
        return self._writer.needs_image

    def begin_source(self, file: Path | bytes) -> None:
        """Tell the writer which file the following pages are from."""
        with plugin_errors(self._name):
            self._writer.original(file)

    def add(self, page: Page, image: Image | None) -> None:
        """Write a page; `image` is for a writer that needs it."""
        self._write(lambda: self._writer.page(page, image if self._writer.needs_image else None))

    def _write(self, make: Callable[[], bytes]) -> None:
        with plugin_errors(self._name):
            made = make()
        if not isinstance(made, bytes):
            raise PluginError(
                f"{self._name} returned a {type(made).__name__} in place of bytes",
                "Report it to its author, or choose another.",
            )
        self._output.write(made)

    def __enter__(self) -> Results:
        self._write(lambda: self._writer.begin(self._several))
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None or not issubclass(kind, OutputError | BrokenPipeError):
            self._write(self._writer.end)


def run(arguments: ReadArguments) -> int:
    """Read everything and return the exit code. Raises OcrxError for an error that stops it all."""
    share_memory()
    settings = parse_settings(arguments.settings)
    for_writer = take(settings, "writer")
    registry = load_plugins()
    target = None if arguments.output is None or str(arguments.output) == "-" else arguments.output
    _protect_sources(arguments.sources, target)
    writer, name = _writer(arguments.form, target, Assembly(registry, Store(), for_writer))
    failures = Failures(arguments.debug)
    with ExitStack() as stack:
        bar = stack.enter_context(ReadingBar(results_on_stdout=target is None))
        reader = stack.enter_context(
            Reader(
                **arguments.reader,
                options=settings,
                registry=registry,
                progress=bar.download,
                conversion_progress=bar.convert,
            )
        )
        overlays = _overlays(arguments.overlay) if arguments.overlay else None
        found = agreed(expand(arguments.sources, failures), reader.cost, arguments.yes)
        sources = bar.count(found)
        first = list(islice(sources, 2))
        pictures = stack.enter_context(Pictures())
        output = stack.enter_context(Output(target))
        try:
            with Results(writer, name, _several(first), output) as results:
                seen = pictures.noted(chain(first, sources))
                for page in reader.read_many(seen, failures):
                    _write(page, results, pictures, overlays, failures)
                    bar.read(page)
                    for one in page.notes:
                        note(f"{_page_name(page)}: {one}")
                    if arguments.debug:
                        note(_account(page))
        except KeyboardInterrupt:
            note("interrupted; what was read so far is written")
            return INTERRUPTED
    for one in writer.notes:
        note(one)
    if overlays:
        _tell_missing(overlays)
    return InputError.exit_code if failures.count else 0


def _write(
    page: Page,
    results: Results,
    pictures: Pictures,
    overlays: OverlayFolder | None,
    failures: Failures,
) -> None:
    """Write a page, and draw its overlay."""
    if (source := pictures.begun(page)) is not None:
        results.begin_source(source)
    image = pictures.of(page, failures) if overlays or results.needs_image else None
    if image is not None or not results.needs_image:
        results.add(page, image)
    if overlays and image is not None:
        overlays.write(image, page)


def _overlays(folder: Path) -> OverlayFolder:
    from ocrx.output.overlay import OverlayFolder

    return OverlayFolder(folder)


def _tell_missing(overlays: OverlayFolder) -> None:
    """Say which scripts could not be drawn because no font has them."""
    names = (unicodedata.name(c, "unnamed") for c in overlays.lettering.missing)
    scripts = sorted({name.split()[0].capitalize() for name in names})
    if scripts:
        note(
            f"no font here has some characters ({', '.join(scripts)}); they are drawn as "
            "boxes. Install a font for them, such as one of Noto Sans."
        )


def _writer(asked: str | None, output: Path | None, assembly: Assembly) -> tuple[Writer, str]:
    """The writer of the format, and what errors call it."""
    form = _form(asked, output, assembly)
    check_options(assembly.options, {"writer": [form]})
    return assembly.writer(form), assembly.name_of("writer", form)


def _form(asked: str | None, output: Path | None, assembly: Assembly) -> str:
    """The format asked for, or that of the output's suffix, or text."""
    suffix = output.suffix.lower() if output else ""
    if asked or not suffix:
        return asked or "text"
    names = assembly.registry.names("writer")
    if suffix[1:] in names:
        return suffix[1:]
    for name in names:
        with suppress(OcrxError):  # one that cannot be made is told when it is asked for
            if suffix in replace(assembly, options={}).writer(name).suffixes:
                return name
    return "text"


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
