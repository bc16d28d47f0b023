"""`ocrx models`: which weights there are, where they are, and fetching them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrx_cli.choices import components, nearest, one_of
from ocrx_cli.console import note, print_line, print_table, report
from ocrx_cli.conversions import build, clean, record, row

if TYPE_CHECKING:
    from pathlib import Path

    from ocrx.artifacts import ModelSpec, Source
    from ocrx.download import Progress
    from ocrx.plugins import Entry
    from ocrx.store import Store

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List, fetch, locate and prepare models.",
)

TASKS = ("detection", "recognition", "orientation")
HEADINGS = ("MODEL", "TASK", "LANGUAGES", "LICENCE", "SIZE", "WHERE")
MANY = 4
"""More languages than these are counted in the table, not named."""

TaskOption = Annotated[
    str | None, typer.Option("--task", help="Only models for this task.", **one_of(TASKS))
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME[:VARIANT]...",
        help="Models as `ocrx models list` names them, or names of files. NAME alone is its "
        "default variant. A name that several tasks share stands for all of them.",
        autocompletion=components("detector", "orienter", "recognizer", "page_reader"),
    ),
]


app.command()(build)
app.command()(clean)


@dataclass(frozen=True)
class Model:
    """One file of one variant of one component."""

    entry: Entry
    variant: str
    default: bool
    spec: ModelSpec
    format: str
    source: Source

    @property
    def name(self) -> str:
        return f"{self.entry.name}:{self.variant}" if self.variant else self.entry.name

    def answers(self, reference: str) -> bool:
        """Whether a user who writes `reference` means this one."""
        return reference in (self.name, self.source.filename) or (
            self.default and reference == self.entry.name
        )


@app.command("list")
def list_models(
    task: TaskOption = None, as_json: JsonOption = False, debug: DebugOption = False
) -> None:
    """List models with task, languages, licence, size and place; then what was converted.

    WHERE is "path" or "package" for weights that something installed, "cache" for downloaded ones,
    and "not here" for those that `ocrx models pull`, or their first use, will download.
    """
    from ocrx import converted
    from ocrx.store import Store

    store = Store(offline=True)
    models = _models(task)
    conversions = [] if task else converted.cached(store)
    if as_json:
        _print_json(
            [_record(model, store) for model in models], [record(entry) for entry in conversions]
        )
        return
    rows = [_row(model, store) for model in models]
    print_table([HEADINGS, *rows, *(row(entry) for entry in conversions)])


@app.command()
def pull(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Every model there is.")] = False,
    task: TaskOption = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Check, and download nothing.")
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Fetch models, check them, and print where they are.

    A download that was interrupted goes on where it stopped.
    """
    from ocrx.errors import OcrxError, UsageError
    from ocrx.store import Store

    if bool(names) == everything:
        raise UsageError(
            "say which models to fetch" if not names else "--all leaves nothing to name",
            "Give names from `ocrx models list`, or --all.",
        )
    store = Store(offline=offline or None, progress=progress_bar)
    failed = 0
    for model in _models(task) if everything else chosen(names or (), task):
        try:
            print_line(str(_fetched(model, store)))
        except OcrxError as error:  # the others are still wanted
            report(str(error), error if debug else None)
            failed = error.exit_code
    if failed:
        raise typer.Exit(failed)


@app.command()
def path(
    names: Names = None,
    task: TaskOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Print where models are on this machine; fail if one is not here."""
    from ocrx.errors import UsageError, WeightsError
    from ocrx.store import Store

    if not names:
        raise UsageError("say which models to locate", "Give names from `ocrx models list`.")
    store = Store(offline=True)
    models = chosen(names, task)
    here = [(model, store.find(model.source)) for model in models]
    if as_json:
        _print_json([_record(model, store) for model, found in here if found])
    else:
        for _, found in here:
            if found:
                print_line(str(found))
    missing = sorted({model.name for model, found in here if not found})
    if missing:
        raise WeightsError(
            f"not on this machine: {', '.join(missing)}",
            f"Run `ocrx models pull {' '.join(missing)}`.",
        )


def progress_bar(name: str) -> Progress:
    """A bar on stderr for the download of the file `name`; a line where nobody watches."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        return _Bar(name, console)
    note(f"downloading {name}")
    from ocrx.download import Silent

    return Silent(name)


class _Bar:
    """A Progress drawn by rich."""

    def __init__(self, name: str, console: Any) -> None:
        from rich import progress

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(name, total=None)
        self._bar.start()

    def update(self, done: int, total: int | None) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._bar.stop()


def _models(task: str | None) -> list[Model]:
    from ocrx.plugins import load_plugins

    found = [model for entry in load_plugins().entries() for model in _of(entry)]
    return [model for model in found if task in (None, model.spec.task)]


def _of(entry: Entry) -> Iterator[Model]:
    try:
        specs = dict(entry.models())
    # A plugin's code runs here: its fault is told, and the other plugins' models are listed.
    except Exception as error:
        note(f"{entry.kind} {entry.name!r} cannot list its models: {type(error).__name__}: {error}")
        return
    default = next(iter(specs), "")
    for variant, spec in specs.items():
        for form, source in spec.artifacts.items():
            yield Model(entry, variant, variant == default, spec, form, source)


def chosen(references: Sequence[str], task: str | None) -> list[Model]:
    """The models meant, each once, in the order asked for; UnknownName for a name of none."""
    from ocrx.errors import UnknownName

    models = _models(task)
    found: dict[int, Model] = {}
    for reference in references:
        meant = [(i, model) for i, model in enumerate(models) if model.answers(reference)]
        if not meant:
            what = f" for {task}" if task else ""
            raise UnknownName(
                f"there is no model {reference!r}{what}",
                f"{nearest(reference, [model.name for model in models])}"
                "`ocrx models list` lists them all.",
            )
        found.update(meant)
    return list(found.values())


def default_models() -> list[Model]:
    """The default variant of everything that has models: what `ocrx read` uses."""
    return [model for model in _models(None) if model.default]


def _fetched(model: Model, store: Store) -> Path:
    from ocrx.errors import ChecksumMismatch

    try:
        return store.path(model.source)
    except ChecksumMismatch:
        if store.locate(model.source).origin != "package" or not model.source.url:
            raise
        # The package holds another file than the one published: that one goes into the cache.
        return store.download(model.source)


def _row(model: Model, store: Store) -> tuple[str, ...]:
    spec = model.spec
    languages = ", ".join(spec.languages) or "-"
    if len(spec.languages) > MANY:
        languages = f"{len(spec.languages)} languages"
    origin = store.locate(model.source).origin
    return (
        model.name + (" (default)" if model.default else ""),
        spec.task,
        languages,
        spec.licence or "-",
        f"{model.source.size / 1e6:.1f} MB" if model.source.size else "-",
        "not here" if origin == "missing" else origin,
    )


def _record(model: Model, store: Store) -> dict[str, Any]:
    spec, source = model.spec, model.source
    location = store.locate(source)
    here = location.origin != "missing"
    return {
        "name": model.name,
        "kind": model.entry.kind,
        "component": model.entry.name,
        "variant": model.variant,
        "default": model.default,
        "task": spec.task,
        "model": spec.name,
        "format": model.format,
        "languages": list(spec.languages),
        "licence": spec.licence,
        "homepage": spec.homepage,
        "size": source.size,
        "sha256": source.sha256,
        "url": source.url,
        "origin": location.origin,
        "path": str(location.path) if here else None,
    }


def _print_json(
    models: Iterable[dict[str, Any]], conversions: Iterable[dict[str, Any]] = ()
) -> None:
    listing = {"schema": "ocrx/1", "models": list(models), "conversions": list(conversions)}
    print_line(json.dumps(listing))
