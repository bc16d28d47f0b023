"""Write the command reference, docs/reference/cli.md, from the commands themselves.

python docs/make_reference.py
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from ocrx_cli.app import app
from ocrx_cli.commands import COMMANDS, PLUGGED

TARGET = Path(__file__).parent / "reference" / "cli.md"
HEAD = """\
<!-- Written by docs/make_reference.py: edit the help of the commands, not this file. -->

# Commands

`--help` shows the same for each command. All commands have the same
[exit codes](../guide/errors.md).
"""


def render() -> str:
    """The page's Markdown."""
    root = typer.main.get_command(app)
    return "\n".join([HEAD, *_command(root, "ocrx", 2)])


def _command(command: Any, path: str, level: int) -> Iterator[str]:
    yield f"{'#' * level} {path}\n"
    yield _escaped(inspect.cleandoc(command.help or "")) + "\n"
    yield f"```text\n{_usage(command, path)}\n```\n"
    # Completion is typer's own, and says something else in every shell.
    own = [_parameter(p) for p in command.params if "completion" not in p.name]
    shared = [one for one in own if path != "ocrx read" and one in _of_read()]
    if len(shared) < len(_of_read()) / 2:
        yield from own
    else:
        yield from (one for one in own if one not in shared)
        flags = [*map(_flag, own)]
        missing = [f"`{flag}`" for flag in map(_flag, _of_read()) if flag not in flags]
        yield f"And the options of [`ocrx read`](#ocrx-read), but for {', '.join(missing)}.\n"
    context = command.make_context(path, [], resilient_parsing=True)
    if hasattr(command, "list_commands"):
        # Those of plugins that are installed here are told by the plugins.
        for name in [*COMMANDS, *PLUGGED] if level == 2 else command.list_commands(context):
            yield from _command(command.get_command(context, name), f"{path} {name}", level + 1)


@cache
def _of_read() -> list[str]:
    """The entries of the options of `ocrx read`."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("ocrx", [], resilient_parsing=True)
    params = root.get_command(context, "read").params
    return [_parameter(p) for p in params if p.param_type_name == "option"]


def _flag(entry: str) -> str:
    """The long name in an entry."""
    return next(iter(re.findall("`(--[a-z-]+)", entry)), "")


def _usage(command: Any, path: str) -> str:
    arguments = [_name(p) for p in command.params if p.param_type_name == "argument"]
    rest = ["COMMAND ..."] if hasattr(command, "list_commands") else arguments
    return " ".join([path, "[OPTIONS]", *rest])


def _name(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _parameter(parameter: Any) -> str:
    """One entry of a definition list."""
    if parameter.param_type_name == "argument":
        term = f"`{_name(parameter)}`"
    else:
        value = "" if parameter.is_flag else f" {_name(parameter)}"
        *short, long = sorted(parameter.opts, key=len)
        term = ", ".join([*(f"`{name}`" for name in short), f"`{long}{value}`"])
    text = _escaped(parameter.help or "")
    if isinstance(parameter.default, (str, int, float)) and parameter.default is not False:
        text += f" Default: `{parameter.default}`."
    return f"{term}\n:   {text}\n"


def _escaped(text: str) -> str:
    """Plain text as Markdown: brackets and stars mean themselves."""
    return re.sub(r"([\[\]<>*_])(?![^`]*`[^`]*$)", r"\\\1", text)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8")
