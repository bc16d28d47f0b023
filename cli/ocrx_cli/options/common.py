"""Options of several commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ocrx.names import PRECISIONS
from ocrx_cli.options.choices import TASKS, component_option, components, one_of


def backend_option(text: str) -> Any:
    """`--backend` with this help."""
    return component_option("--backend", "-b", kinds=("backend",), text=text, metavar="NAME")


def settings_option(text: str) -> Any:
    """`--set`, which gives components their options, with this help."""
    return typer.Option("--set", metavar="COMPONENT.OPTION=VALUE", help=text)


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
Offline = Annotated[bool, typer.Option("--offline", help="Download nothing.")]
Form = Annotated[
    str | None,
    typer.Option(
        "--form",
        metavar="NAME",
        help="The form of the dataset: labels, paddle, icdar, icdar-words, lmdb or one that a "
        "plugin adds. Default: ocrx finds out.",
        autocompletion=components("dataset"),
    ),
]
Task = Annotated[
    str | None, typer.Option("--task", help="Only models for this task.", **one_of(TASKS))
]
Threads = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, help="CPU threads. Default: all.")
]
Preprocessors = Annotated[
    list[str] | None,
    component_option(
        "--preprocessor",
        "-p",
        kinds=("preprocessor",),
        text="What prepares each picture, such as otsu or 'clahe(clip=3)'. May be given several "
        "times; they run in that order.",
        metavar="NAME[(OPTION=VALUE,...)]",
    ),
]
Decoder = Annotated[
    str | None,
    component_option(
        "--decoder",
        kinds=("decoder",),
        text="What turns a CTC recogniser's output into text. Default: greedy.",
        metavar="NAME",
    ),
]
Patterns = Annotated[
    list[str] | None,
    component_option(
        "--pattern",
        kinds=("pattern",),
        text=r"What lines look like: a name such as ean13 or a regular expression such as "
        r"'[A-Z]{3}-\d{6}'. May be given several times; a line matches one of them.",
        metavar="NAME|REGEX",
    ),
]
Charset = Annotated[
    str,
    typer.Option(
        "--charset", metavar="CHARACTERS", help="The characters that may occur, as in A-Z0-9."
    ),
]
Views = Annotated[
    int,
    typer.Option(
        "--views",
        metavar="N",
        min=1,
        max=8,
        help="In how many views each picture of a single line is read. The text is taken on which "
        "they agree.",
    ),
]
Backend = Annotated[str, backend_option("The runtime. auto: the best that is installed.")]
Device = Annotated[
    str,
    typer.Option("--device", metavar="NAME", help="auto, cpu, cuda:0, ... See `ocrx doctor`."),
]


def _own_device(whose: str, flag: str) -> Any:
    text = f"The device of the {whose}. Default: that of --device."
    return typer.Option(flag, metavar="NAME", help=text)


def _own_threads(whose: str, flag: str) -> Any:
    text = f"CPU threads of the {whose}. Default: those of --threads."
    return typer.Option(flag, metavar="N", min=1, help=text)


def _own_precision(whose: str, flag: str) -> Any:
    text = f"The numbers that the {whose} computes with. Default: those of --precision."
    return typer.Option(flag, help=text, **one_of(PRECISIONS))


DetectorDevice = Annotated[str | None, _own_device("detector", "--detector-device")]
RecognizerDevice = Annotated[str | None, _own_device("recogniser", "--recognizer-device")]
DetectorThreads = Annotated[int | None, _own_threads("detector", "--detector-threads")]
RecognizerThreads = Annotated[int | None, _own_threads("recogniser", "--recognizer-threads")]
DetectorPrecision = Annotated[str | None, _own_precision("detector", "--detector-precision")]
RecognizerPrecision = Annotated[str | None, _own_precision("recogniser", "--recognizer-precision")]
Precision = Annotated[
    str,
    typer.Option(
        "--precision", help="The numbers that the networks compute with.", **one_of(PRECISIONS)
    ),
]
