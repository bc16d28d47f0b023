"""`ocrx calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import bench as measuring
from ocrx_cli.options import common
from ocrx_cli.options.choices import component_option

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def calibrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help=measuring.DATASET)],
    *,
    recognizer: Annotated[
        str,
        component_option("--recognizer", "-r", kinds=("recognizer",), text="What reads lines."),
    ] = "paddle",
    patterns: common.Patterns = None,
    charset: common.Charset = "",
    views: common.Views = 1,
    form: common.Form = None,
    offline: common.Offline = False,
    as_json: common.Json = False,
    debug: common.Debug = False,
) -> None:
    """Find how far scores can be trusted.

    This reads lines whose text is known. The confidence of each line then says how probable it is
    that all of it is right, and `ocrx read --accept` can refuse the others. What is found is kept
    beside the profile, for this recogniser, with or without patterns, in so many views. Texts are
    compared as codes: only A-Z and 0-9, in upper case.
    """
    from ocrx_cli.work.calibrate import run

    reader = {
        "recognizer": recognizer,
        "patterns": patterns or (),
        "charset": charset,
        "views": views,
        "offline": offline or None,
    }
    run(dataset, form, reader, as_json)
