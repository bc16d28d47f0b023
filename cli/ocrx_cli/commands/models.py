"""`ocrx models`."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrx_cli.options import common
from ocrx_cli.options.choices import PRECISIONS, components, one_of

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List, fetch, locate and prepare models.",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME[:VARIANT]...",
        help="Models as `ocrx models list` names them, or names of files. NAME alone is its "
        "default variant. A name that several tasks share stands for all of them.",
        autocompletion=components("detector", "orienter", "recognizer", "page_reader"),
    ),
]


@app.command()
def build(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME[:VARIANT]]",
            help="A model as `ocrx models list` names it. Default: the three that `ocrx read` "
            "uses.",
            autocompletion=components("detector", "orienter", "recognizer"),
        ),
    ] = None,
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
    offline: common.Offline = False,
    debug: common.Debug = False,
) -> None:
    """Make models ready for a runtime: fetch, convert, build engines, and open them once.

    What was made is kept in the cache, and its path printed; `ocrx read` takes it from there.
    """
    from ocrx_cli.work.models.building import BuildArguments, build_models

    arguments = BuildArguments(model, backend, precision, device, settings or (), offline)
    raise typer.Exit(build_models(arguments, debug))


@app.command()
def clean(debug: common.Debug = False) -> None:
    """Remove what was converted, built or compiled from the cache. Downloaded weights stay."""
    from ocrx_cli.work.models import building

    building.clean()


@app.command("list")
def list_models(
    task: common.Task = None, as_json: common.Json = False, debug: common.Debug = False
) -> None:
    """List models with task, languages, licence, size and place; then what was converted.

    WHERE is "path" or "package" for weights that something installed, "cache" for downloaded ones,
    and "not here" for those that `ocrx models pull`, or their first use, will download.
    """
    from ocrx_cli.work.models.listing import print_models

    print_models(task, as_json)


@app.command()
def pull(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Every model there is.")] = False,
    task: common.Task = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Check, and download nothing.")
    ] = False,
    debug: common.Debug = False,
) -> None:
    """Fetch models, check them, and print where they are.

    A download that was interrupted goes on where it stopped.
    """
    from ocrx_cli.work.models import fetching

    raise typer.Exit(fetching.pull(names or (), everything, task, offline, debug))


@app.command()
def path(
    names: Names = None,
    task: common.Task = None,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Print where models are on this machine; fail if one is not here."""
    from ocrx_cli.work.models.listing import print_paths

    print_paths(names or (), task, as_json)
