"""`ocrx bundle`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ocrx.errors import UsageError
from ocrx.system.text import printable


def bundle(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="A recogniser, NAME[:VARIANT] as `ocrx models list` names it, or NAME:FILE.",
        ),
    ] = None,
    *,
    target: Annotated[
        str | None, typer.Option("--target", "-t", metavar="NAME", help="A device of --targets.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="A new folder for the bundle."),
    ] = None,
    detector: Annotated[
        str | None,
        typer.Option(
            "--detector",
            "-d",
            metavar="NAME",
            help="A detector, for pictures that show more than one line.",
        ),
    ] = None,
    precision: Annotated[
        str, typer.Option("--precision", metavar="NAME", help="auto, or one that --targets lists.")
    ] = "auto",
    patterns: Annotated[
        list[str] | None,
        typer.Option(
            "--pattern",
            metavar="NAME|REGEX",
            help="What the texts look like. May be given several times; a line matches one.",
        ),
    ] = None,
    charset: Annotated[
        str,
        typer.Option(
            "--charset", metavar="CHARACTERS", help="The characters that may occur, as in A-Z0-9."
        ),
    ] = "",
    picture: Annotated[
        str,
        typer.Option(
            metavar="WIDTHxHEIGHT", help="The usual size of pictures, for which engines are tuned."
        ),
    ] = "640x480",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COMPONENT.OPTION=VALUE",
            help="An option of the models, such as detector.min_side=480. May be given "
            "several times.",
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--targets", help="List the targets, and stop.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Download nothing.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Write a reader as a folder to copy to a device: networks, a program, and what to do there.

    On the Jetson Nano, the Raspberry Pi and plain processors the program needs no ocrx: it is one
    file for Python 3.6 and later, with NumPy, OpenCV and a runtime.
    """
    if listing:
        _list()
        return
    if model is None or target is None or output is None:
        raise UsageError(
            "a bundle needs a model, a target and a folder",
            "For example: ocrx bundle paddle:v6-tiny --target jetson-nano -o nano.",
        )
    if find_spec("onnx") is None:
        raise UsageError(
            "networks are rewritten with the package onnx, which is not installed",
            "Get it with: pip install 'ocrx[quantize]'.",
        )
    from ocrx_bundle.making import make
    from ocrx_bundle.wanted import Wanted

    wanted = Wanted(
        model,
        target,
        output,
        detector,
        precision,
        patterns or (),
        charset,
        _size(picture),
        settings or (),
        offline,
    )
    for note in make(wanted):
        typer.echo(f"ocrx: {note}", err=True)
    typer.echo(printable(str(output)))


def _size(text: str) -> tuple[int, int]:
    """The (height, width)."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise UsageError(f"--picture {printable(text)} is not WIDTHxHEIGHT", "Write 640x480.")
    return int(height), int(width)


def _list() -> None:
    from ocrx_bundle.targets import targets

    for one in targets().values():
        runs = "ocrx itself" if one.form == "ocrx" else " or ".join(one.engines)
        typer.echo(f"{one.name:13} {one.label:33} {', '.join(one.precisions):11} {runs}")
