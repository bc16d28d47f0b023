"""What training has reached, kept so that it can go on after it was stopped at any moment."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ocrx.errors import InputError
from ocrx.system.text import printable
from ocrx_training.files import write_whole

LAST, BEST = "last.pt", "best.pt"


@dataclass(frozen=True)
class Point:
    """One measurement: the step, the mean loss since the one before, and what validation gave (None
    between validations): the share of wrong characters, and that of lines with an error."""

    step: int
    loss: float
    characters: float | None = None
    lines: float | None = None


@dataclass(frozen=True)
class Checkpoint:
    """Everything that training goes on from. `settings` are as JSON has them; `best` is the least
    share of wrong characters so far, `since` the validations since then."""

    settings: dict[str, Any]
    step: int
    model: dict[str, Any]
    optimizer: dict[str, Any]
    scaler: dict[str, Any]
    history: tuple[Point, ...]
    best: float
    since: int


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole, or leave the one before. Raises OutputError."""
    values = dict(vars(checkpoint))
    values["history"] = [tuple(vars(point).values()) for point in checkpoint.history]
    file = io.BytesIO()
    torch.save(values, file)
    write_whole(path, file.getvalue())


def load(path: Path) -> Checkpoint:
    """The checkpoint in that file. Raises InputError if it cannot be read or is none."""
    name = printable(str(path))
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
        values["history"] = tuple(Point(*point) for point in values["history"])
        return Checkpoint(**values)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}", "Check the name.") from error
    except (RuntimeError, pickle.UnpicklingError, TypeError, KeyError, EOFError) as error:
        raise InputError(
            f"{name} is no checkpoint of `ocrx train`", "Give another, or begin a new folder."
        ) from error


def check_same(checkpoint: Checkpoint, settings: dict[str, Any], folder: Path) -> None:
    """Raise InputError if the checkpoint is of another network than the settings describe."""
    for key in ("network", "charset"):
        was, now = checkpoint.settings[key], settings[key]
        if was != now:
            raise InputError(
                f"{printable(str(folder))} holds a network with {key} {was!r}, not {now!r}",
                "Train into a new folder.",
            )
