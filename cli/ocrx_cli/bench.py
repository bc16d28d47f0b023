"""`ocrx bench`: the options. What it does is in `bench_run`, imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli import bench_options as shared
from ocrx_cli.bench_options import several
from ocrx_cli.choices import PRECISIONS, components, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def bench(
    dataset: Annotated[
        Path,
        typer.Argument(metavar="DATASET", help="Pictures with their text; see `ocrx dataset`."),
    ],
    *,
    recognizer: Annotated[
        str,
        typer.Option(
            "--recognizer",
            "-r",
            metavar="NAME[:VARIANT]",
            help="What reads lines, or an engine that reads whole pages.",
            autocompletion=components("recognizer", "page_reader"),
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
    backend: Annotated[
        str,
        typer.Option(
            "--backend",
            "-b",
            metavar="NAME",
            help="The runtime; auto takes the best one installed.",
            autocompletion=components("backend"),
        ),
    ] = "auto",
    device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda:0, ...")] = "auto",
    precision: Annotated[
        str, typer.Option(help="How the networks compute.", **one_of(PRECISIONS))
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="CPU threads. Default: all.")
    ] = None,
    form: shared.Form = None,
    limit: shared.Limit = None,
    layout: shared.Layout = None,
    preprocessors: shared.Preprocessors = None,
    settings: shared.Settings = None,
    rounds: shared.Rounds = 5,
    time_limit: shared.TimeLimit = 600.0,
    fold: shared.Fold = None,
    download: shared.Download = False,
    json_file: shared.Json = None,
    html: shared.Html = None,
    journal: shared.JournalFile = None,
    resume: shared.Resume = False,
    debug: shared.Debug = False,
) -> None:
    """Measure one reader on pictures with their text.

    How right it is and how fast, where the time goes, and what it takes of memory. It runs in a
    process of its own, is warmed up first, and what it reads is compared with what the reference
    runtime reads. Exit code 1 if there are no figures.
    """
    from ocrx.bench.plan import Choices
    from ocrx_cli.bench_run import Job, Outputs, run

    choices = Choices([recognizer], [detector], [backend], [precision], [device], [threads])
    job = Job(
        dataset, form, limit, choices, rounds, time_limit, several(fold), preprocessors or (),
        settings or (), layout, download, Outputs(json_file, html), journal, resume,
        table=False,
    )  # fmt: skip
    raise typer.Exit(run(job))
