"""`ocrx compress`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import bench as measuring
from ocrx_cli.options import common
from ocrx_cli.options.choices import after_comma, components, in_order, one_of, several

app = typer.Typer(add_completion=False, rich_markup_mode=None)

TASKS = ("recognition", "detection")


@app.command()
def compress(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME[:VARIANT]",
            help="A model as `ocrx models list` names it, a model file that its component takes, "
            "or the folder of a compressed model.",
            autocompletion=components("recognizer", "detector"),
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="A new folder for the result.")
    ],
    methods: Annotated[
        list[str],
        typer.Option(
            "--method",
            "-m",
            metavar="NAMES",
            help="What to do, in this order, such as prune,quantize. See `ocrx plugins`.",
            autocompletion=after_comma(components("compressor")),
        ),
    ],
    task: Annotated[
        str, typer.Option("--task", help="Which of the models of that name.", **one_of(TASKS))
    ] = "recognition",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DATASET",
            help="Pictures with text such as the model will read. Half of them calibrate and "
            "teach, on the others it is measured. Default: generated ones.",
        ),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(
            "--test",
            metavar="DATASET",
            help="Pictures to measure on; all of --data then calibrate and teach.",
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            metavar="POINTS",
            min=0.0,
            help="How much accuracy it may lose: of characters, or of words for a detector.",
        ),
    ] = None,
    backends: Annotated[
        list[str] | None,
        common.backend_option(
            "A runtime to measure on. May be given several times; the first one guides the "
            "search. Default: the one that a reader would choose."
        ),
    ] = None,
    limit: measuring.Limit = None,
    fold: measuring.Fold = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="For what is random.")] = 0,
    settings: measuring.Settings = None,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Make a model smaller and faster, and measure what that costs.

    The folder gets the network and its record: from what and how it was made, and what it read and
    took before and after. Use it in the place of a name, as in `ocrx read -r FOLDER`. The exit code
    is 1 if the budget is not kept; the folder then has the best that was found.
    """
    from ocrx_cli.work.compress import CompressArguments, run

    arguments = CompressArguments(
        model, output, in_order(methods), task, data, test, budget, backends or (), limit,
        several(fold), seed, settings or (),
    )  # fmt: skip
    raise typer.Exit(run(arguments, as_json))
