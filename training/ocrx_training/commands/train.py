"""`ocrx train`."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrx.errors import BackendMissing, OutputError
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
        int | None, typer.Option("--steps", min=1, help="How many batches to learn from.")
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="auto|cpu|cuda", help="Where to train.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Train a recogniser of codes on drawn pictures, and write it as an ONNX file.

    Training can be stopped at any moment: the same command goes on from the last checkpoint. The
    folder holds last.pt, best.pt, curves.png, settings.json, and the best network as NETWORK.onnx.
    """
    _needs_torch()
    from ocrx_training.learning.settings import Settings, device_named, read_settings
    from ocrx_training.learning.trainer import Trainer

    settings = Settings() if config is None else read_settings(config)
    if steps is not None:
        settings = replace(settings, steps=steps)
    if device is not None:
        settings = replace(settings, device=device_named(device))
    trainer = Trainer(_made(folder, settings), settings)
    if trainer.state.step:
        typer.echo(f"goes on from step {trainer.state.step:,}", err=True)
    trainer.train(_tell)
    path = folder / f"{settings.network}.onnx"
    trainer.export(path)
    best = "" if trainer.state.best > 1 else f", {trainer.state.best:.2%} of characters wrong"
    typer.echo(f"{printable(str(path))}: the best of {trainer.state.step:,} steps{best}")


def _needs_torch() -> None:
    if find_spec("torch") is None:
        raise BackendMissing(
            "training needs PyTorch, which is not installed",
            "Get it with: pip install 'ocrx[train]'.",
        )


def _made(folder: Path, settings: Settings) -> Path:
    """The folder, which is made if it is not there, with what is trained told in it."""
    from ocrx_training.files import write_whole

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make {printable(str(folder))}: {error.strerror}",
            "Give a folder that can be written.",
        ) from error
    write_whole(folder / "settings.json", json.dumps(settings.as_values(), indent=1).encode())
    return folder


def _tell(point: Point, settings: Settings) -> None:
    read = ""
    if point.characters is not None and point.lines is not None:
        read = f"  wrong: {point.characters:.1%} of characters, {point.lines:.1%} of lines"
    typer.echo(f"step {point.step:,} of {settings.steps:,}  loss {point.loss:.3f}{read}", err=True)
