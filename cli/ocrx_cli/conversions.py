"""`ocrx models build` and `clean`: models made ready for a runtime, ahead of their first use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ocrx_cli.choices import PRECISIONS, components, one_of
from ocrx_cli.console import note, print_line, report

if TYPE_CHECKING:
    from ocrx.artifacts import Precision
    from ocrx.assembly import Assembly
    from ocrx.converted import Cached
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
        str,
        typer.Option(
            "--device",
            metavar="NAME",
            help="Where it will run: a device of this machine; or what a converter builds for "
            "elsewhere, such as sm89 with TensorRT for RTX.",
        ),
    ] = "auto",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COMPONENT.OPTION=VALUE",
            help="An option of a component: `--set converter.tensorrt.workspace=512`. Repeatable.",
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Download nothing.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Make models ready for a runtime: fetch, convert, build engines, and open them once.

    What was made is kept in the cache, and its path printed; `ocrx read` takes it from there.
    """
    from ocrx.errors import BackendMissing, DeviceMissing, OcrxError, UsageError

    models, options = _meant(model), _options(settings or [], backend)
    failed = 0
    for each in models:
        try:
            with _progress() as told:
                print_line(
                    _built(each, _assembly(options, offline, told), backend, precision, device)
                )
        except (UsageError, BackendMissing, DeviceMissing):
            raise  # the others would meet it too
        except OcrxError as error:  # the others are still wanted
            report(f"{each.name} ({each.spec.task}): {error}", error if debug else None)
            failed = error.exit_code
    if failed:
        raise typer.Exit(failed)


def clean(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Remove what was converted, built or compiled from the cache. Downloaded weights stay."""
    from ocrx import compiled, converted
    from ocrx.store import Store

    store = Store(offline=True)
    note(f"freed {(converted.clean(store) + compiled.clean(store)) / 1e6:.1f} MB")


def row(entry: Cached) -> tuple[str, ...]:
    """A conversion in the columns of `ocrx models list`."""
    identity = entry.identity
    words = [str(identity.get(name, "")) for name in ("converter", "precision", "architecture")]
    made = " ".join(filter(None, words)) or "?"
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


def _options(settings: Sequence[str], backend: str) -> dict[str, dict[str, str]]:
    """The settings by component; UsageError for those of none that could come to use."""
    from ocrx.assembly import AUTO, check_options
    from ocrx.plugins import load_plugins
    from ocrx_cli.reading import parse_settings

    options = parse_settings(settings)
    registry = load_plugins()
    backends = registry.names("backend") if backend == AUTO else [backend]
    check_options(options, {"backend": backends, "converter": registry.names("converter")})
    return options


def _assembly(options: dict[str, dict[str, str]], offline: bool, told: Report) -> Assembly:
    from ocrx.assembly import Assembly
    from ocrx.plugins import load_plugins
    from ocrx.store import Store
    from ocrx_cli.models import progress_bar

    store = Store(offline=offline or None, progress=progress_bar)
    return Assembly(load_plugins(), store, options, report=told)


def _built(model: Model, assembly: Assembly, backend: str, precision: str, device: str) -> str:
    """Where the model is, made ready. Opened too, so that what cannot run here is told now, unless
    it is for another machine."""
    from ocrx.cpus import available_cpus
    from ocrx.interfaces import SessionOptions

    elsewhere = _is_elsewhere(assembly, backend, device)
    runtime = assembly.backend(backend) if elsewhere else assembly.runtime(model.spec, backend)
    # As a reader opens it: what the runtime keeps of it then serves the reader.
    threads = available_cpus()
    concurrency = threads if model.entry.kind == "recognizer" else 1
    session = SessionOptions(device, cast("Precision", precision), threads, concurrency)
    made = assembly.artifact(
        model.spec, runtime, session, lambda: assembly.calibration(model.entry.kind, model.name)
    )
    if not elsewhere:
        assembly.open(made, runtime, session).close()
    return str(made.path)


def _is_elsewhere(assembly: Assembly, backend: str, device: str) -> bool:
    """Whether a converter says that it builds for that device without one being here."""
    from ocrx.assembly import AUTO

    if AUTO in (backend, device):
        return False
    takes = assembly.backend(backend).accepts
    makers = [c for c in assembly.converters() if any(edge[2] in takes for edge in c.makes)]
    return any(device in converter.probe().devices for converter in makers)


@contextmanager
def _progress() -> Iterator[Report]:
    """A Report as a bar on stderr; as a line now and then where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from ocrx_cli.progress import Lines

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda fraction, what: bar.update(task, completed=fraction, description=what)
