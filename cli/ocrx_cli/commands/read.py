"""`ocrx read`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrx.names import LAYOUTS, ORDERS, TIERS
from ocrx_cli.options import common
from ocrx_cli.options.choices import component_option, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def read(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCES...",
            help="Pictures, PDFs, folders, patterns such as '*.png', or - for standard input.",
        ),
    ],
    *,
    detector: Annotated[
        str | None,
        component_option(
            "--detector",
            "-d",
            kinds=("detector",),
            text="What finds the lines. Default: paddle.",
        ),
    ] = None,
    recognizer: Annotated[
        str | None,
        component_option(
            "--recognizer",
            "-r",
            kinds=("recognizer", "page_reader"),
            text="What reads the lines, or an engine that reads whole pages. With none, no text is "
            "read. Default: paddle.",
        ),
    ] = None,
    page_reader: Annotated[
        str | None,
        component_option(
            "--page-reader",
            kinds=("page_reader",),
            text="An engine that reads whole pages, if a recogniser has the same name.",
        ),
    ] = None,
    decoder: common.Decoder = None,
    orienter: Annotated[
        str,
        component_option(
            "--orienter",
            kinds=("orienter",),
            text="What finds lines that are upside down. auto: that of the recogniser's family. "
            "none: no lines are turned.",
        ),
    ] = "auto",
    preprocessors: common.Preprocessors = None,
    finders: Annotated[
        list[str] | None,
        component_option(
            "--find",
            kinds=("finder",),
            text="What finds things other than text: bar codes, say. May be given several times.",
        ),
    ] = None,
    backend: common.Backend = "auto",
    detector_backend: Annotated[
        str | None,
        component_option(
            kinds=("backend",),
            text="The runtime of the detector. Default: that of --backend.",
            metavar="NAME",
        ),
    ] = None,
    recognizer_backend: Annotated[
        str | None,
        component_option(
            kinds=("backend",),
            text="The runtime of the recogniser. Default: that of --backend.",
            metavar="NAME",
        ),
    ] = None,
    device: common.Device = "auto",
    precision: common.Precision = "auto",
    threads: common.Threads = None,
    detector_precision: common.DetectorPrecision = None,
    recognizer_precision: common.RecognizerPrecision = None,
    detector_device: common.DetectorDevice = None,
    recognizer_device: common.RecognizerDevice = None,
    detector_threads: common.DetectorThreads = None,
    recognizer_threads: common.RecognizerThreads = None,
    layout: Annotated[
        str,
        typer.Option(
            help="page: find the lines. line: the picture is one line. auto: by the picture.",
            **one_of(LAYOUTS),
        ),
    ] = "auto",
    order: Annotated[
        str,
        typer.Option(
            help="blocks: columns and addresses one after the other, tables by rows. rows: "
            "everything by rows.",
            **one_of(ORDERS),
        ),
    ] = "blocks",
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE",
            min=0.0,
            max=1.0,
            help="Leave out lines that score less. Default: 0.5, or 0 with --layout line.",
        ),
    ] = None,
    patterns: common.Patterns = None,
    charset: common.Charset = "",
    views: common.Views = 1,
    accept: Annotated[
        float,
        typer.Option(
            metavar="CONFIDENCE",
            min=0.0,
            max=1.0,
            help="Refuse lines that are right with less than this probability: they come out "
            "empty. See `ocrx calibrate`.",
        ),
    ] = 0.0,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "-l",
            metavar="TAG",
            help="Make sure that the recogniser knows all letters of this language: en, vi, "
            "zh-Hans, ...",
        ),
    ] = None,
    quality: Annotated[
        str | None,
        typer.Option(
            help="Choose the detector and the recogniser among the models on this machine, for "
            "--language if it is given. One that you name is not changed.",
            **one_of(TIERS),
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        common.settings_option(
            "An option of a component, such as detector.box_threshold=0.6. If there are several "
            "of a kind, add its name: preprocessor.clahe.clip=3. May be given several times.",
        ),
    ] = None,
    form: Annotated[
        str | None,
        component_option(
            "--format",
            "-f",
            kinds=("writer",),
            text="The form of the result: text, json, jsonl, csv, tsv, markdown, hocr, alto or "
            "one that a plugin adds (see `ocrx plugins`). Default: that of the suffix of "
            "--output, or text.",
            metavar="NAME",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write. Default: standard output."
        ),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Draw each page into DIR, with its boxes, and the text beside it.",
        ),
    ] = None,
    offline: common.Offline = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before a run that costs money.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show what ran and how long it took, and tracebacks.")
    ] = False,
) -> None:
    """Read the text in pictures and documents.

    The text goes to standard output, everything else to standard error. Each page is written as
    soon as it is read. For a picture that cannot be read, a line on standard error says why; the
    others are read, and the exit code is 1.
    """
    from ocrx_cli.work.read.run import ReadArguments, run

    arguments = ReadArguments(
        sources=sources,
        reader={
            "detector": detector,
            "recognizer": recognizer,
            "page_reader": page_reader,
            "decoder": decoder,
            "orienter": orienter,
            "preprocessors": preprocessors or (),
            "finders": finders or (),
            "backend": backend,
            "detector_backend": detector_backend,
            "recognizer_backend": recognizer_backend,
            "device": device,
            "precision": precision,
            "threads": threads,
            "detector_precision": detector_precision,
            "recognizer_precision": recognizer_precision,
            "detector_device": detector_device,
            "recognizer_device": recognizer_device,
            "detector_threads": detector_threads,
            "recognizer_threads": recognizer_threads,
            "layout": layout,
            "order": order,
            "min_score": min_score,
            "patterns": patterns or (),
            "charset": charset,
            "views": views,
            "accept": accept,
            "language": language,
            "quality": quality,
            "offline": offline or None,
        },
        settings=settings or [],
        form=form,
        output=output,
        overlay=overlay,
        debug=debug,
        yes=yes,
    )
    raise typer.Exit(run(arguments))


def takes_options_of_read(*without: str) -> Callable[[Any], Any]:
    """A decorator for commands of other packages. It gives a function that takes any keyword the
    options of `ocrx read`, as typer sees it, but for those it has itself, and those named."""

    def give(command: Any) -> Any:
        signature = inspect.signature(command, eval_str=True)
        own, others = signature.parameters, inspect.signature(read, eval_str=True).parameters
        named = [one for one in own.values() if one.kind is not one.VAR_KEYWORD]
        left_out = ("sources", *own, *without)
        added = [one for name, one in others.items() if name not in left_out]
        command.__signature__ = signature.replace(parameters=[*named, *added])
        return command

    return give
