"""`ocrx train`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrx.errors import BackendMissing, InputError, OutputError, UsageError
from ocrx.plugins.registry import load_plugins
from ocrx.reading.choice import split_reference
from ocrx.system.files import only_one
from ocrx.system.text import printable

if TYPE_CHECKING:
    from ocrx_training.learning.checkpoints import Point
    from ocrx_training.learning.settings import Settings


def train(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Where checkpoints go. One that has some is gone on from."
        ),
    ],
    *,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file with settings.")
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option("--steps", metavar="N", min=1, help="How many batches to learn from."),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="auto|cpu|cuda", help="Where to train.")
    ] = None,
    recognizer: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME[:VARIANT]",
            help="Train this recogniser on instead: paddle, easyocr, or the path of one that was "
            "trained before. On the processor.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DATASET",
            help="With --from: pictures of lines with their text, in any form that `ocrx bench` "
            "reads. A part is held out to report on.",
        ),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option("--test", metavar="DATASET", help="Report on these pictures instead."),
    ] = None,
    charset: Annotated[
        str | None,
        typer.Option(
            "--charset",
            metavar="CHARS|codes|data",
            help="With --from: the characters to know, those of codes, or those of the labels. "
            "Without it, the recogniser keeps all of its own.",
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Train a recogniser of codes on drawn pictures, and write it as an ONNX file.

    Training can be stopped at any moment: the same command goes on from the last checkpoint. The
    folder holds last.pt, best.pt, curves.png, settings.json, and the best network as NETWORK.onnx.

    With --from, train a recogniser that exists on pictures of your own, and report how well it
    reads those held out, before and after. The result, model.onnx, is used with `ocrx read -r
    FOLDER/model.onnx`.
    """
    _needs_torch()
    if recognizer is not None or data is not None:
        if device not in (None, "auto", "cpu"):
            raise UsageError(f"--from trains on the processor, not on {device!r}", "Leave it out.")
        given = {"steps": steps, "recognizer": recognizer, "charset": charset}
        _train_on(folder, config, given, data, test)
        return
    for name, value in (("--test", test), ("--charset", charset)):
        if value is not None:
            raise UsageError(f"{name} goes with --from and --data", "Add them, or leave it out.")
    from ocrx_training.learning.settings import Settings, device_named, read_settings

    settings = Settings() if config is None else read_settings(config)
    if steps is not None:
        settings = dataclasses.replace(settings, steps=steps)
    if device is not None:
        settings = dataclasses.replace(settings, device=device_named(device))
    from ocrx_training.learning.trainer import Trainer  # imports torch, which takes seconds

    path = folder / f"{settings.network}.onnx"
    with _made(folder, settings.as_values()):
        trainer = Trainer(folder, settings)
        if trainer.state.step:
            typer.echo(f"goes on from step {trainer.state.step:,}", err=True)
        trainer.train(_tell)
        trainer.export(path)
    best = "" if trainer.state.best > 1 else f", {trainer.state.best:.2%} of characters wrong"
    typer.echo(f"{printable(str(path))}: the best of {trainer.state.step:,} steps{best}")


def _train_on(
    folder: Path,
    config: Path | None,
    given: Mapping[str, Any],
    data: Path | None,
    test: Path | None,
) -> None:
    """Train a recogniser on. `given` are settings from the command line, None for the config's."""
    from ocrx_training.finetuning.settings import FineTuning, read_fine_tuning

    if test is not None and data is None:
        raise UsageError("--test goes with --data", "Give the pictures to learn from too.")
    base = FineTuning() if config is None else read_fine_tuning(config)
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = dataclasses.replace(base, **chosen)
    load_plugins().get("recognizer", split_reference(settings.recognizer)[0])
    for dataset in filter(None, (data, test)):
        if not dataset.exists():
            raise InputError(f"{printable(str(dataset))} does not exist", "Check the name.")
    from ocrx_training.finetuning.work import Data, fine_tune  # imports torch

    pictures = None if data is None else Data(data, test)
    with _made(folder, settings.as_values()):
        path = fine_tune(folder, settings, pictures, partial(typer.echo, err=True))
    typer.echo(f"{printable(str(path))}: use it with `ocrx read -r {printable(str(path))}`")


def _needs_torch() -> None:
    if find_spec("torch") is None:
        raise BackendMissing(
            "training needs PyTorch, which is not installed",
            "Get it with: pip install 'ocrx[train]'.",
        )


@contextmanager
def _made(folder: Path, settings: Mapping[str, object]) -> Iterator[None]:
    """Make the folder if it is not there, tell in it what is trained, and keep it from others.
    Raises UsageError if another process trains in it."""
    from ocrx_training.files import write_whole

    name = printable(str(folder))
    taken = UsageError(f"another process trains in {name}", "Wait for it, or give another folder.")
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(only_one(folder / ".lock", taken))
        except OSError as error:
            raise OutputError(
                f"cannot make {name}: {error.strerror}", "Give a folder that can be written."
            ) from error
        write_whole(folder / "settings.json", json.dumps(settings, indent=1).encode())
        yield


def _tell(point: Point, settings: Settings) -> None:
    read = ""
    if point.characters is not None and point.lines is not None:
        read = f"  wrong: {point.characters:.1%} of characters, {point.lines:.1%} of lines"
    typer.echo(f"step {point.step:,} of {settings.steps:,}  loss {point.loss:.3f}{read}", err=True)
