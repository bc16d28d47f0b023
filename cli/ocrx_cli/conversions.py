"""`ocrx models build` and `clean`: models made ready for a runtime, ahead of their first use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ocrx_cli.choices import PRECISIONS, components, one_of
from ocrx_cli.console import note, print_line, report

if TYPE_CHECKING:
    from ocrx.artifacts import Precision
    from ocrx.convert import Cached
    from ocrx.interfaces import Report
    from ocrx_cli.models import Model

Reference = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME[:VARIANT]]",
        help="A model as `ocrx models list` names it. Default: the three that `ocrx read` uses.",
    ),
]


def build(
    model: Reference = None,
    *,
    backend: Annotated[
        str,
        typer.Option(
            "--backend",
            "-b",
            metavar="NAME",
            help="The runtime to make it ready for.",
            autocompletion=components("backend"),
        ),
    ] = "auto",
    precision: Annotated[
        str, typer.Option("--precision", help="How it will compute.", **one_of(PRECISIONS))
    ] = "auto",
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help="Where it will run.")
    ] = "auto",
    offline: Annotated[bool, typer.Option("--offline", help="Download nothing.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Make models ready for a runtime: fetch, convert, and build engines, with progress.

    What was made is kept in the cache; `ocrx read` takes it from there.
    """
    from ocrx.errors import OcrxError

    failed = 0
    for chosen in _meant(model):
        try:
            print_line(_built(chosen, backend, precision, device, offline))
        except OcrxError as error:  # the others are still wanted
            report(f"{chosen.name} ({chosen.spec.task}): {error}", error if debug else None)
            failed = error.exit_code
    if failed:
        raise typer.Exit(failed)


def clean(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Remove what was converted or built from the cache. Downloaded weights stay."""
    from ocrx import convert
    from ocrx.store import Store

    note(f"freed {convert.clean(Store(offline=True)) / 1e6:.1f} MB")


def row(entry: Cached) -> tuple[str, ...]:
    """A conversion in the columns of `ocrx models list`."""
    identity = entry.identity
    made = f"{identity.get('converter', '?')} {identity.get('precision', '')}".strip()
    where = "cache" if entry.whole else "damaged"
    return (
        f"{identity.get('model', '?')} ({made})",
        "-",
        "-",
        "-",
        f"{entry.size / 1e6:.1f} MB",
        where,
    )


def record(entry: Cached) -> dict[str, Any]:
    """A conversion in the JSON of `ocrx models list`."""
    return {
        **entry.identity,
        "size": entry.size,
        "whole": entry.whole,
        "path": str(entry.folder),
    }


def _meant(reference: str | None) -> list[Model]:
    from ocrx_cli.models import chosen, default_models

    return chosen([reference], None) if reference else default_models()


def _built(model: Model, backend: str, precision: str, device: str, offline: bool) -> str:
    """Where the model is, made ready; the work is shown on stderr."""
    from ocrx.assembly import Assembly
    from ocrx.interfaces import SessionOptions
    from ocrx.plugins import load_plugins
    from ocrx.store import Store
    from ocrx_cli.models import progress_bar

    store = Store(offline=offline or None, progress=progress_bar)
    with _progress(model.name) as told:
        assembly = Assembly(load_plugins(), store, report=told)
        runtime = assembly.runtime(model.spec, backend)
        session = SessionOptions(device, cast("Precision", precision))
        made = assembly.artifact(
            model.spec,
            runtime,
            session,
            lambda: assembly.calibration(model.entry.kind, model.name),
        )
        return str(made.path)


@contextmanager
def _progress(name: str) -> Iterator[Report]:
    """A Report as a bar on stderr; as lines where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda fraction, what: note(f"{name}: {what} ({fraction:.0%})")
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=1.0)

        def told(fraction: float, what: str) -> None:
            bar.update(task, completed=fraction, description=f"{name}: {what}")

        yield told
