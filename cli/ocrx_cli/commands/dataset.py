"""`ocrx dataset`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.commands import COMMANDS
from ocrx_cli.options import common
from ocrx_cli.options.choices import component_option

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help=COMMANDS["dataset"],
)

Dataset = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="A folder with labels.tsv, a label file as PaddleOCR has them, a folder as ICDAR 2015 "
        "has them, or an LMDB.",
    ),
]


@app.command()
def info(
    path: Dataset,
    form: common.Form = None,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Describe a dataset: its pictures, texts and characters.

    Two datasets with the same digest have the same names, texts and pictures.
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
        component_option(
            "--recognizer",
            "-r",
            kinds=("recognizer",),
            text="Also find characters that this recogniser does not know. May be given several "
            "times.",
        ),
    ] = None,
    show: Annotated[
        int, typer.Option("--show", metavar="N", min=0, help="Show at most N of each fault.")
    ] = 5,
    offline: common.Offline = False,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Find what is wrong with a dataset. The exit code is 1 if anything is.

    Finds missing and unreadable pictures, empty texts, quads without area, pages whose text is not
    that of their lines, pictures that occur twice, with the same text or another, odd white space,
    and characters that look like plain ones.
    """
    from ocrx_cli.work.dataset import print_problems

    code = print_problems(
        path, form, recognizers=recognizers or (), show=show, offline=offline, as_json=as_json
    )
    raise typer.Exit(code)
