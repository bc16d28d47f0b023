"""`ocrx tune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import bench as measuring
from ocrx_cli.options import common
from ocrx_cli.options.choices import component_option, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LAYOUTS = ("line", "page")
GOALS = ("latency", "throughput")


@app.command()
def tune(
    dataset: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DATASET]",
            help=f"{measuring.DATASET} Default: generated ones.",
        ),
    ] = None,
    *,
    layout: Annotated[
        str | None,
        typer.Option(
            help="What to tune for. Default: what DATASET holds, or both without a DATASET.",
            **one_of(LAYOUTS),
        ),
    ] = None,
    recognizer: Annotated[
        str,
        component_option("--recognizer", "-r", kinds=("recognizer",), text="What reads lines."),
    ] = "paddle",
    detector: measuring.Detector = "paddle",
    decoder: common.Decoder = None,
    settings: measuring.Settings = None,
    backends: Annotated[
        list[str] | None,
        common.backend_option(
            "Try only this runtime. May be given several times. Default: all installed."
        ),
    ] = None,
    max_loss: Annotated[
        float,
        typer.Option(
            metavar="POINTS", help="How much character accuracy it may lose against fp32."
        ),
    ] = 1.0,
    goal: Annotated[
        str,
        typer.Option(
            help="latency: read a picture as soon as possible. throughput: read as many as "
            "possible in a given time.",
            **one_of(GOALS),
        ),
    ] = "latency",
    budget: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long to search, for each layout.")
    ] = 120.0,
    download: measuring.Download = False,
    show: Annotated[bool, typer.Option("--show", help="Only show your profile.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Remove your profile.")] = False,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Find the fastest runtime here, and use it from now on.

    Tries runtimes, precisions and numbers of threads, and rejects what loses more accuracy than
    --max-loss. The result is kept as your profile. Readers follow it unless you ask for a
    runtime, device, precision or number of threads. OCRX_PROFILE=off switches it off.
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
        dataset, layout, recognizer, detector, backends or (), max_loss, goal, budget, download,
        decoder or "", settings or (),
    )  # fmt: skip
    tune_layouts(arguments, as_json)
