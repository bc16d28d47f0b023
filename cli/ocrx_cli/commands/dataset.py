"""`ocrx dataset`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import common
from ocrx_cli.options.choices import components

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Say what a dataset holds, and what is wrong with it.",
)

Dataset = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="A folder with labels.tsv, a label file of PaddleOCR, a folder of ICDAR 2015, or an "
        "LMDB.",
    ),
]


@app.command()
def info(
    path: Dataset,
    form: common.Form = None,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Say what a dataset holds: pictures and their sizes, texts and their lengths, characters.

    The digest is of names, truth and pictures: two datasets with the same digest are the same.
    """
    from ocrx_cli.work.dataset import print_info

    print_info(path, form, as_json)


@app.command()
def check(
    path: Dataset,
    *,
    form: common.Form = None,
    recognizers: Annotated[
        list[str] | None,
        typer.Option(
            "--recognizer",
            "-r",
            metavar="NAME[:VARIANT]",
            help="Also find characters that this recogniser does not know. May be repeated.",
            autocompletion=components("recognizer"),
        ),
    ] = None,
    show: Annotated[int, typer.Option("--show", min=0, help="How many of each fault to show.")] = 5,
    offline: common.Offline = False,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Find what is wrong with a dataset. The exit code is 1 if anything is.

    Found are missing and unreadable pictures, empty truth, places without area, pages whose text is
    not that of their lines, pictures that are there twice, with the same or another truth, odd
    white space, and characters that look like plain ones.
    """
    from ocrx_cli.work.dataset import print_problems

    code = print_problems(
        path, form, recognizers=recognizers or (), show=show, offline=offline, as_json=as_json
    )
    raise typer.Exit(code)
