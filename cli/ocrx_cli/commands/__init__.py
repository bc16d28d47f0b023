"""What a user types: one module per command, with its options and its help and nothing else.

What a command does is in the module or folder of `ocrx_cli.work` that has the same name. It is
imported when the command runs, so that help and completion stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

COMMANDS = {
    "read": "Read the text in pictures and documents.",
    "preprocess": "Show what preprocessors make of a picture.",
    "plugins": "List plugins and say why one failed, or write a new one.",
    "models": "List, describe, download, locate and prepare models.",
    "converters": "List converters, and install the environments of some.",
    "bench": "Measure one reader on pictures whose text is known.",
    "matrix": "Measure every combination of models and runtimes.",
    "tune": "Find the fastest runtime here, and use it from now on.",
    "compress": "Make a model smaller and faster, and measure what that costs.",
    "calibrate": "Find how far scores can be trusted.",
    "dataset": "Describe a dataset, and find what is wrong with it.",
    "estimate": "Estimate the shortest time a network can take on a device.",
    "doctor": "Show what is installed, what is missing and how to get it.",
}
"""Each command with its short help, in the order of `ocrx --help`. NAME is the module NAME here."""

PLUGGED = {
    "serve": "Read for others: a service over HTTP, with a page to try it.",
    "watch": "Read what a camera, a video or a folder shows, as it comes.",
    "batch": "Read many files with many workers, on one machine or a cluster.",
    "bundle": "Write a reader as a folder to copy to a device.",
    "synth": "Draw labelled pictures of codes, to train and test with.",
    "train": "Train a recogniser of codes on drawn pictures.",
}
"""The commands that ocrx's own plugins add, with their short help, so that `ocrx --help` need not
load them."""


def command_app(name: str) -> typer.Typer:
    """The typer app of a command of ours."""
    app: typer.Typer = import_module(f"ocrx_cli.commands.{name}").app
    return app
