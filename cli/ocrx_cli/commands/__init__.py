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
    "plugins": "List every plugin, and why one failed.",
    "models": "List, fetch, locate and prepare models.",
    "converters": "List converters; install the environments some need.",
    "bench": "Measure one reader on pictures with their text.",
    "matrix": "Measure every combination of models and runtimes, fairly.",
    "tune": "Find the fastest runtime here, and use it from now on.",
    "dataset": "Say what a dataset holds, and what is wrong with it.",
    "estimate": "Estimate the least time a network takes on a device.",
    "doctor": "Say what is here, what is missing and how to get it.",
}
"""Each command with its short help, in the order of `ocrx --help`. NAME is the module NAME here."""


def command_app(name: str) -> typer.Typer:
    """The typer app of a command of ours."""
    app: typer.Typer = import_module(f"ocrx_cli.commands.{name}").app
    return app
