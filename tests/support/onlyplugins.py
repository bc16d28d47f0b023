"""A process in which no plugins are installed but those of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

import ocrx
from ocrx.plugins.registrar import Registrar

Register = Callable[[Registrar], None]
OWN = ("ocrx.output.plugin", "ocrx.bench.plugin")
"""Those of the core itself: forms of output and of datasets."""


@dataclass(frozen=True)
class Point:
    """An entry point of the distribution acme-ocr that adds what `register` adds."""

    register: Register
    name: str = "acme"
    value: str = "acme"
    dist: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(metadata={"Name": "acme-ocr", "Version": "1.0"})
    )

    def load(self) -> object:
        @ocrx.hookimpl
        def ocrx_register(registry: Registrar) -> None:
            self.register(registry)

        return SimpleNamespace(ocrx_register=ocrx_register)


def install_only(monkeypatch: pytest.MonkeyPatch, plugins: dict[str, Register]) -> None:
    """Make these, by name, all there are beside those of the core. Of two that claim a name, the
    first in the alphabet has it."""
    points: list[Point | EntryPoint] = [Point(one, name) for name, one in plugins.items()]
    points += [EntryPoint(module, module, "ocrx") for module in OWN]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)
