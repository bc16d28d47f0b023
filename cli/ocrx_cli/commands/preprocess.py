"""`ocrx preprocess`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import common

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def preprocess(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="A picture, PDF, folder or pattern, or - for stdin.")
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="The picture to write (.png, .jpg, .tif, .webp or .bmp), or a folder.",
        ),
    ],
    *,
    preprocessors: common.Preprocessors = None,
    settings: Annotated[
        list[str] | None,
        common.settings_option(
            "An option of a preprocessor, such as preprocessor.clahe.clip=3. May be given several "
            "times."
        ),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Each picture is a single line of text.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Write the picture before and after, side by side.")
    ] = False,
    offline: common.Offline = False,
    debug: common.Debug = False,
) -> None:
    """Show what preprocessors make of a picture.

    Several pictures or pages are written into a folder, OUT. For each, a line says how large it is
    and how long it took. For a picture that cannot be read, a line on standard error says why; the
    others are written, and the exit code is 1.
    """
    from ocrx_cli.work.preprocess import PreprocessArguments, run

    arguments = PreprocessArguments(
        source, target, preprocessors or (), settings or (), lines, compare, offline or None, debug
    )
    raise typer.Exit(run(arguments))
