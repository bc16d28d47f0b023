"""The devices that bundles are made for, as data: `targets.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from ocrx.errors import PrecisionUnavailable, UnknownName
from ocrx.names import Precision
from ocrx.system.suggest import did_you_mean


@dataclass(frozen=True)
class Target:
    """A kind of device.

    A bundle of the form "script" has the networks and a program that needs no ocrx; one of the form
    "ocrx" says how to install ocrx there. `engines` are the runtimes of the program, the preferred
    one first; `precisions` those of the networks, the default first. `parser` is the JSON file of
    the ONNX parser that must take them, None if any file will do. `device` is its name for `ocrx
    estimate`.

    Of `memory_mb` (MiB), `reserved_mb` are taken before a network is loaded, and a builder of
    engines may use up to `workspace_mb`. Detectors look at pictures whose longer side is reduced to
    `longest_side` pixels. None is no limit.
    """

    name: str
    label: str
    form: Literal["script", "ocrx"]
    engines: Sequence[str]
    precisions: Sequence[Precision]
    source: str
    parser: str | None = None
    device: str | None = None
    memory_mb: int | None = None
    reserved_mb: int = 0
    workspace_mb: int = 0
    longest_side: int | None = None

    def precision(self, asked: str) -> Precision:
        """The precision of the networks. Raises PrecisionUnavailable."""
        if asked == "auto":
            return self.precisions[0]
        for known in self.precisions:
            if known == asked:
                return known
        raise PrecisionUnavailable(
            f"bundles for {self.name} compute in {' or '.join(self.precisions)}, not in {asked}",
            "Leave --precision out.",
        )


@cache
def targets() -> Mapping[str, Target]:
    """All targets by name."""
    table = json.loads(files(__package__).joinpath("targets.json").read_text("utf-8"))
    return {name: Target(name, **one) for name, one in table.items()}


def find_target(name: str) -> Target:
    """The target of that name. Raises UnknownName."""
    known = targets()
    if name not in known:
        raise UnknownName(
            f"there is no target {name!r}",
            f"{did_you_mean(name, known)}Choose one of: {', '.join(known)}.",
        )
    return known[name]
