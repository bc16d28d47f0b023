"""`ocrx bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import bench as measuring
from ocrx_cli.options import common
from ocrx_cli.options.choices import component_option, several

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def bench(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help=measuring.DATASET)],
    *,
    recognizer: Annotated[
        str,
        component_option(
            "--recognizer",
            "-r",
            kinds=("recognizer", "page_reader"),
            text="What reads lines, or an engine that reads whole pages.",
        ),
    ] = "paddle",
    detector: measuring.Detector = "paddle",
    decoder: common.Decoder = None,
    backend: common.Backend = "auto",
    device: common.Device = "auto",
    precision: common.Precision = "auto",
    threads: common.Threads = None,
    detector_precision: common.DetectorPrecision = None,
    recognizer_precision: common.RecognizerPrecision = None,
    detector_device: common.DetectorDevice = None,
    recognizer_device: common.RecognizerDevice = None,
    detector_threads: common.DetectorThreads = None,
    recognizer_threads: common.RecognizerThreads = None,
    form: common.Form = None,
    limit: measuring.Limit = None,
    layout: measuring.Layout = None,
    preprocessors: common.Preprocessors = None,
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
    journal: measuring.JournalFile = None,
    resume: measuring.Resume = False,
    debug: common.Debug = False,
) -> None:
    """Measure one reader on pictures whose text is known.

    Shows how accurate and how fast it is, where the time goes, and how much memory it needs. The
    reader runs in a process of its own and is warmed up first. Its text is compared with that of
    the reference runtime. The exit code is 1 if nothing could be measured.
    """
    from ocrx.bench.run.plan import Choices
    from ocrx_cli.work.bench.outputs import Outputs
    from ocrx_cli.work.bench.run import BenchArguments, run

    choices = Choices(
        [recognizer], [detector], [backend],
        [recognizer_precision or precision], [recognizer_device or device],
        [recognizer_threads or threads], [decoder] if decoder else (),
        ["+".join(preprocessors or ())],
        [detector_precision or precision], [detector_device or device],
        [detector_threads or threads],
    )  # fmt: skip
    arguments = BenchArguments(
        dataset, form, limit, choices, rounds, time_limit, several(fold),
        settings or (), layout, download, Outputs(json_file, html), journal, resume,
        table=False, metrics=several(metrics),
        reading={"patterns": patterns, "charset": charset, "views": views},
    )  # fmt: skip
    raise typer.Exit(run(arguments))
