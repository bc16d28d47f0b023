"""`ocrx tune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import common
from ocrx_cli.options.choices import components, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LAYOUTS = ("line", "page")
GOALS = ("latency", "throughput")


@app.command()
def tune(
    dataset: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DATASET]",
            help="Pictures with their text; see `ocrx dataset`. Default: generated ones.",
        ),
    ] = None,
    *,
    layout: Annotated[
        str | None,
        typer.Option(
            help="What to tune for. Default: what DATASET holds, else both.", **one_of(LAYOUTS)
        ),
    ] = None,
    recognizer: Annotated[
        str,
        typer.Option(
            "--recognizer",
            "-r",
            metavar="NAME[:VARIANT]",
            help="What reads lines.",
            autocompletion=components("recognizer"),
        ),
    ] = "paddle",
    detector: Annotated[
        str,
        typer.Option(
            "--detector",
            "-d",
            metavar="NAME[:VARIANT]",
            help="What finds lines on pages.",
            autocompletion=components("detector"),
        ),
    ] = "paddle",
    backends: Annotated[
        list[str] | None,
        typer.Option(
            "--backend",
            "-b",
            metavar="NAME",
            help="Try this runtime only. May be given several times. Default: all present.",
            autocompletion=components("backend"),
        ),
    ] = None,
    max_loss: Annotated[
        float,
        typer.Option(
            metavar="POINTS", help="Character accuracy that may be lost against fp32, in points."
        ),
    ] = 1.0,
    goal: Annotated[
        str,
        typer.Option(help="Single pictures soon, or many in little time.", **one_of(GOALS)),
    ] = "latency",
    budget: Annotated[
        float, typer.Option(metavar="SECONDS", help="Time to search in, for each layout.")
    ] = 120.0,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch models that are not here.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Show the profile, and do nothing.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Remove the profile.")] = False,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Find the fastest runtime here, and use it from now on.

    Runtimes, precisions and numbers of threads are tried; what reads worse than --max-loss allows
    is out. The result is kept as your profile: readers that are asked for no runtime, device,
    precision or threads follow it. OCRX_PROFILE=off ignores it.
    """
    from ocrx.errors import UsageError
    from ocrx_cli.work.tune import TuneArguments, print_profile, reset_profile, tune_layouts

    if show and reset:
        raise UsageError("--show and --reset do not go together", "Give one of them.")
    if show:
        print_profile(as_json)
        return
    if reset:
        reset_profile()
        return
    arguments = TuneArguments(
        dataset, layout, recognizer, detector, backends or (), max_loss, goal, budget, download
    )
    tune_layouts(arguments, as_json)
