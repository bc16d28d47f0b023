"""What a request asks for: options of `ocrx read`, parsed by its own command."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ocrx.errors import UnknownOption, UsageError
from ocrx.plugins.settings import Settings, parse_settings, take
from ocrx.reading.reader import Reader
from ocrx.system.suggest import did_you_mean
from ocrx_cli.app import BadCommandLine, own_command

Given: TypeAlias = dict[str, Any]
"""Parameters of `ocrx read` that were given, by their names."""

LOCAL = ("sources", "output", "overlay", "yes", "debug", "offline")
"""Parameters that are about the machine on which the command runs."""

SERVERS = ("threads", "detector_threads", "recognizer_threads")
"""Options that the service may be started with, and no request may change."""


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


class ReadOptions:
    """The options of `ocrx read`."""

    def __init__(self) -> None:
        self._command = own_command("read")
        options = [p for p in self._command.params if p.param_type_name == "option"]
        self.parameters: Mapping[str, Any] = {
            _name(one): one for one in options if one.name not in (*LOCAL, *SERVERS, "help")
        }
        """Those that a request may give, by the names that it gives them by: "min_score"."""

    def of_command(self, arguments: Sequence[str]) -> Given:
        """Those of the service's own command line. Raises UsageError for one that does not parse,
        or makes no sense here."""
        given = self._parse(arguments)
        for name in LOCAL[:-1]:
            if given.get(name) and name != "sources":
                raise UsageError(f"a service has no use for --{name}", "Leave it out.")
        return given

    def of_request(self, pairs: Iterable[tuple[str, str]]) -> Given:
        """Those of a request, in which empty values are not given. Raises UnknownOption, and
        UsageError for a value that does not parse."""
        arguments = []
        for name, value in pairs:
            known = name.replace("-", "_")
            if known not in self.parameters:
                hint = did_you_mean(known, self.parameters)
                raise UnknownOption(
                    f"requests have no option {name!r}",
                    f"{hint}Choose one of: {', '.join(sorted(self.parameters))}.",
                )
            if value:
                arguments.append(f"--{known.replace('_', '-')}={value}")
        return self._parse(arguments)

    def _parse(self, arguments: Sequence[str]) -> Given:
        try:
            context = self._command.make_context("ocrx read", [*arguments, "-"])
        except BadCommandLine as error:
            raise UsageError(error.format_message(), "See `ocrx read --help`.") from error
        given = {
            name: value
            for name, value in context.params.items()
            if context.get_parameter_source(name).name == "COMMANDLINE"
        }
        *strange, _ = given.pop("sources")
        if strange:
            raise UsageError(f"there is no option {strange[0]!r}", "See `ocrx serve --help`.")
        return given


def asked(given: Given) -> Asked:
    """What was given, for a reader and a writer. Raises UsageError for settings that are not of
    their form."""
    settings = parse_settings(given.get("settings") or ())
    for_writer = take(settings, "writer")
    arguments = inspect.signature(Reader.__init__).parameters
    reader = {name: value for name, value in given.items() if name in arguments}
    return Asked(reader, settings, given.get("form") or "json", for_writer)


def _name(parameter: Any) -> str:
    return str(max(parameter.opts, key=len)).removeprefix("--").replace("-", "_")
