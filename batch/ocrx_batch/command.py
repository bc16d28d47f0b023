"""`ocrx batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ocrx_cli.commands.read import takes_options_of_read
from ocrx_cli.options.choices import component_option, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@takes_options_of_read("overlay")
def batch(
    context: typer.Context,
    *,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCES...",
            help="Pictures, PDFs, folders, patterns such as '*.png', and URLs of them: "
            "s3://bucket/scans.",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Where to write: a folder or its URL. If a run was stopped, the same command goes "
            "on with it.",
        ),
    ],
    form: Annotated[
        str,
        component_option(
            "--format",
            "-f",
            kinds=("writer",),
            text="The form of the results. jsonl, parquet, csv and tsv: files of many pages. Any "
            "other, such as pdf: a file for each source.",
            metavar="NAME",
        ),
    ] = "jsonl",
    files_from: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Read what this file lists, too, one of SOURCES a line. May be given several "
            "times.",
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="Where workers run. local: processes of this machine. ray: a Ray cluster.",
            **one_of(("local", "ray")),
        ),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="How many workers read, each with a reader of its own. Default: as many as there "
            "is room for.",
        ),
    ] = None,
    cpus: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many processors a worker takes.")
    ] = 2,
    shard: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="How many sources are read and written together. Default: up to 512.",
        ),
    ] = None,
    renew_pages: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Replace a worker by a new one after N pages."),
    ] = 20_000,
    renew_memory: Annotated[
        int | None,
        typer.Option(
            metavar="MB",
            min=1,
            help="Replace a worker that holds more memory. Default: 4000, or less on a small "
            "machine.",
        ),
    ] = None,
    page_seconds: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            help="End a worker that finishes no page for so long. What it reads counts as deadly.",
        ),
    ] = 600.0,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="With --engine ray: the cluster, as ray.init takes it. Default: RAY_ADDRESS in "
            "the environment, or a new one on this machine.",
        ),
    ] = None,
    num_gpus: Annotated[
        float,
        typer.Option(
            metavar="N",
            min=0.0,
            help="With --engine ray: how many GPUs a worker has. 0.5: two share one.",
        ),
    ] = 0.0,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before a run that costs money.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    **options: Any,
) -> None:
    """Read many files with many workers, and write what they say to a folder.

    It takes the options of `ocrx read`, too. What is written appears whole: if anything is killed,
    the same command goes on where it stopped. Pictures that cannot be read are listed in
    failed.jsonl, and the exit code is 1.
    """
    from ocrx_batch.run import BatchArguments, run
    from ocrx_cli.asked import asked, given

    arguments = BatchArguments(
        sources=sources or [],
        files_from=files_from or [],
        asked=asked(given(context, options)),
        output=output,
        form=form,
        engine=engine,
        workers=workers,
        cpus=cpus,
        shard=shard or 0,
        renew_pages=renew_pages,
        renew_memory=renew_memory,
        page_seconds=page_seconds,
        address=address,
        num_gpus=num_gpus,
        yes=yes,
        debug=debug,
    )
    raise typer.Exit(run(arguments))
