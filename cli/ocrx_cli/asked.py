"""What the options of `ocrx read` ask for, for commands that take them too."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ocrx.errors import UsageError
from ocrx.plugins.settings import Settings, parse_settings, take
from ocrx.reading.reader import Reader
from ocrx_cli.app import BadCommandLine, own_command

Given: TypeAlias = dict[str, Any]
"""Parameters of `ocrx read` that were given, by their names."""


@dataclass(frozen=True)
class Asked:
    """`reader` holds arguments of Reader but its options, which are `settings`. `form` is the
    format of the result, whose writer has `for_writer`."""

    reader: Mapping[str, Any]
    settings: Settings
    form: str
    for_writer: Settings

    @property
    def key(self) -> str:
        """The same for what the same reader can read."""
        return json.dumps([self.reader, self.settings], sort_keys=True, default=list)


def parsed(arguments: Sequence[str]) -> Given:
    """What a command line of `ocrx read` gives. Raises UsageError for one that does not parse."""
    try:
        context = own_command("read").make_context("ocrx read", [*arguments])
    except BadCommandLine as error:
        raise UsageError(error.format_message(), "See `ocrx read --help`.") from error
    return given(context, context.params)


def given(context: Any, options: Mapping[str, Any]) -> Given:
    """Those options of `ocrx read` that the user gave, to a command that takes them. `context` is
    that of typer."""
    return {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name).name == "COMMANDLINE"
    }


def asked(given: Given) -> Asked:
    """What was given, for a reader and a writer, without what is so by default. Raises UsageError
    for settings that are not of their form."""
    settings = parse_settings(given.get("settings") or ())
    for_writer = take(settings, "writer")
    arguments = inspect.signature(Reader.__init__).parameters
    reader = {
        name: value
        for name, value in given.items()
        if name in arguments and value != arguments[name].default
    }
    return Asked(reader, settings, given.get("form") or "json", for_writer)
