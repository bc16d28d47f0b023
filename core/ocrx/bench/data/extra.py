"""What the harness needs beyond the base: the extra `bench`, imported where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ocrx.errors import UsageError


def bench_module(name: str) -> Any:
    """A module of the extra `bench`. UsageError with the command that gets it if it is not here."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{name.partition('.')[0]} is not installed, which this part of the harness needs",
            "Get it with: pip install 'ocrx[bench]'.",
        ) from error
