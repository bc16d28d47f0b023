"""`ocrx models`."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrx.names import PRECISIONS
from ocrx_cli.commands import COMMANDS
from ocrx_cli.options import common
from ocrx_cli.options.choices import components, one_of

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help=COMMANDS["models"],
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME[:VARIANT]...",
        help="Models as `ocrx models list` names them, or names of their files. NAME alone is its "
        "default variant. If several tasks share a name, it means all of them.",
        autocompletion=components("detector", "orienter", "recognizer", "page_reader"),
    ),
]


@app.command()
def build(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME[:VARIANT]|PATH]",
            help="A model as `ocrx models list` names it, or the folder of a compressed one. "
            "Default: the three that `ocrx read` uses.",
            autocompletion=components("detector", "orienter", "recognizer"),
        ),
    ] = None,
    *,
    backend: Annotated[
        str,
        common.backend_option(
            "The runtime to make it ready for. auto: the one that `ocrx read` would use."
        ),
    ] = "auto",
    precision: Annotated[
        str,
        typer.Option(
            "--precision", help="The numbers that it will compute with.", **one_of(PRECISIONS)
        ),
    ] = "auto",
    device: Annotated[
        str,
        typer.Option(
            "--device",
            metavar="NAME",
            help="Where it will run: a device of this machine, or a target that a converter can "
            "build for elsewhere, such as sm89 with TensorRT for RTX.",
        ),
    ] = "auto",
    settings: Annotated[
        list[str] | None,
        common.settings_option(
            "An option of a component, such as converter.tensorrt.workspace=512. May be given "
            "several times."
        ),
    ] = None,
    offline: common.Offline = False,
    debug: common.Debug = False,
) -> None:
    """Make models ready for a runtime, and print their paths.

    They are downloaded, converted, built into engines if need be, and opened once. The results are
    kept in the cache, where `ocrx read` finds them.
    """
    from ocrx_cli.work.models.building import BuildArguments, build_models

    arguments = BuildArguments(model, backend, precision, device, settings or (), offline)
    raise typer.Exit(build_models(arguments, debug))


@app.command()
def clean(debug: common.Debug = False) -> None:
    """Remove converted, built and compiled models from the cache. Downloaded weights stay."""
    from ocrx_cli.work.models import building

    building.clean()


@app.command()
def info(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME[:VARIANT]|PATH",
            help="A model as `ocrx models list` names it, or the folder of a compressed one.",
            autocompletion=components("detector", "orienter", "recognizer"),
        ),
    ],
    *,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Describe a model.

    Of one that `ocrx compress` made, its record is told, too: from what it was made and how, and
    what it read and took before and after.
    """
    from ocrx_cli.work.models.describing import print_info

    print_info(model, as_json)


@app.command("list")
def list_models(
    task: common.Task = None, as_json: common.Json = False, debug: common.Debug = False
) -> None:
    """List models with task, languages, licence, size and place.

    Converted models come last. WHERE is "path" or "package" for weights that are installed, "cache"
    for downloaded ones, and "not here" for those that `ocrx models pull`, or their first use, will
    download.
    """
    from ocrx_cli.work.models.listing import print_models

    print_models(task, as_json)


@app.command()
def pull(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="All models.")] = False,
    task: common.Task = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only check what is here.")] = False,
    debug: common.Debug = False,
) -> None:
    """Download models, check them, and print their paths.

    An interrupted download continues where it stopped.
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
    """Print the paths of models on this machine. Fails if one is missing."""
    from ocrx_cli.work.models.listing import print_paths

    print_paths(names or (), task, as_json)
