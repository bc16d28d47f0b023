"""The options of `ocrx read` that requests give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocrx.errors import UnknownOption
from ocrx.system.suggest import did_you_mean
from ocrx_cli.app import own_command
from ocrx_cli.asked import Given, parsed

LOCAL = ("sources", "output", "overlay", "yes", "debug", "offline")
"""Parameters that are about the machine on which the command runs."""

SERVERS = ("threads", "detector_threads", "recognizer_threads")
"""Options that the service may be started with, and no request may change."""


class ReadOptions:
    """The options of `ocrx read`."""

    def __init__(self) -> None:
        options = [p for p in own_command("read").params if p.param_type_name == "option"]
        self.parameters: Mapping[str, Any] = {
            _name(one): one for one in options if one.name not in (*LOCAL, *SERVERS, "help")
        }
        """Those that a request may give, by the names that it gives them by: "min_score"."""

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
        options = parsed([*arguments, "-"])
        del options["sources"]
        return options


def _name(parameter: Any) -> str:
    return str(max(parameter.opts, key=len)).removeprefix("--").replace("-", "_")
