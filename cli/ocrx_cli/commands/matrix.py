"""`ocrx matrix`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ocrx.names import PRECISIONS
from ocrx_cli.options import bench as measuring
from ocrx_cli.options import common
from ocrx_cli.options.choices import after_comma, components, several, words

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def matrix(
    dataset: Annotated[
        Path | None, typer.Argument(metavar="[DATASET]", help=measuring.DATASET)
    ] = None,
    *,
    recognizers: Annotated[
        list[str] | None,
        typer.Option(
            "--recognizers",
            "-r",
            metavar="NAMES",
            help="Recognisers, or engines that read whole pages, as NAME[:VARIANT]. Default: "
            "paddle.",
            autocompletion=after_comma(components("recognizer", "page_reader")),
        ),
    ] = None,
    detectors: Annotated[
        list[str] | None,
        typer.Option(
            "--detectors",
            "-d",
            metavar="NAMES",
            help="Detectors, for pages, as NAME[:VARIANT], or own for what is of the same "
            "family as each recogniser. Default: paddle.",
            autocompletion=after_comma(components("detector")),
        ),
    ] = None,
    decoders: Annotated[
        list[str] | None,
        typer.Option(
            "--decoders",
            metavar="NAMES",
            help="What turns the outputs of CTC recognisers into text. Default: greedy.",
            autocompletion=after_comma(components("decoder")),
        ),
    ] = None,
    backends: Annotated[
        list[str] | None,
        typer.Option(
            "--backends",
            "-b",
            metavar="NAMES",
            help="Runtimes. Default: all that are installed.",
            autocompletion=after_comma(components("backend")),
        ),
    ] = None,
    precisions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES",
            help=f"Some of {', '.join(PRECISIONS)}. Default: auto.",
            autocompletion=after_comma(words(PRECISIONS)),
        ),
    ] = None,
    devices: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="cpu, cuda:0, ... Default: auto.")
    ] = None,
    threads: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBERS", help="Numbers of CPU threads. Default: all."),
    ] = None,
    detector_precisions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES",
            help="Precisions of detectors. Default: that of the recogniser.",
            autocompletion=after_comma(words(PRECISIONS)),
        ),
    ] = None,
    detector_devices: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES", help="Devices of detectors. Default: that of the recogniser."
        ),
    ] = None,
    detector_threads: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBERS", help="CPU threads of detectors. Default: those of the recogniser."
        ),
    ] = None,
    form: common.Form = None,
    limit: measuring.Limit = None,
    layout: measuring.Layout = None,
    preprocessors: Annotated[
        list[str] | None,
        typer.Option(
            "--preprocessors",
            "-p",
            metavar="CHAINS",
            help="What prepares the pictures: chains of preprocessors, separated by semicolons, "
            "such as 'none;clahe(clip=3);deskew+otsu'. Default: none.",
        ),
    ] = None,
    patterns: common.Patterns = None,
    charset: common.Charset = "",
    views: common.Views = 1,
    settings: measuring.Settings = None,
    rounds: measuring.Rounds = 5,
    time_limit: measuring.TimeLimit = 600.0,
    fold: measuring.Fold = None,
    metrics: measuring.Metrics = None,
    download: measuring.Download = False,
    json_file: measuring.Json = None,
    html: measuring.Html = None,
    csv: measuring.Csv = None,
    markdown: measuring.Markdown = None,
    journal: measuring.JournalFile = None,
    resume: measuring.Resume = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="OLD NEW",
            help="Measure nothing; compare two files that --json wrote. The exit code is 1 if "
            "anything became slower or less accurate.",
        ),
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(
            metavar="PERCENT", min=0.0, help="With --compare: how much slower is acceptable."
        ),
    ] = 5.0,
    loss: Annotated[
        float,
        typer.Option(
            metavar="POINTS", min=0.0, help="With --compare: how great a loss is acceptable."
        ),
    ] = 1.0,
    force: Annotated[
        bool, typer.Option("--force", help="With --compare: even if pictures or machines differ.")
    ] = False,
    debug: common.Debug = False,
) -> None:
    """Measure every combination of models and runtimes.

    Each combination runs in a process of its own. They take turns, round by round, so that all meet
    the same conditions. Separate NAMES by commas, or give the option several times. The exit code
    is 1 if nothing could be measured.
    """
    from ocrx.bench.run.plan import Choices
    from ocrx.errors import UsageError
    from ocrx_cli.work.bench.outputs import Outputs
    from ocrx_cli.work.bench.run import BenchArguments, run
    from ocrx_cli.work.matrix import compare_files

    if (dataset is None) == (compare is None):
        raise UsageError("say what to measure, or what to compare", "Give DATASET or --compare.")
    if compare is not None:
        raise typer.Exit(compare_files(*compare, threshold=threshold, loss=loss, force=force))
    if dataset is None:
        raise typer.Exit
    choices = Choices(
        several(recognizers) or ["paddle"],
        several(detectors) or ["paddle"],
        several(backends),
        several(precisions) or ["auto"],
        several(devices) or ["auto"],
        [_number(text) for text in several(threads)] or [None],
        several(decoders),
        _chains(preprocessors) or [""],
        several(detector_precisions) or [""],
        several(detector_devices) or [""],
        [_number(text) for text in several(detector_threads)] or [None],
    )
    outputs = Outputs(json_file, html, csv, markdown)
    arguments = BenchArguments(
        dataset, form, limit, choices, rounds, time_limit, several(fold),
        settings or (), layout, download, outputs, journal, resume, metrics=several(metrics),
        reading={"patterns": patterns, "charset": charset, "views": views},
    )  # fmt: skip
    raise typer.Exit(run(arguments))


def _chains(texts: Iterable[str] | None) -> list[str]:
    """The chains between semicolons, each once; "" for "none"."""
    parts = [part.strip() for text in texts or () for part in text.split(";")]
    return list(dict.fromkeys("" if part == "none" else part for part in parts if part))


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise typer.BadParameter(f"{text!r} is not a number of threads.", param_hint="--threads")
    return int(text)
