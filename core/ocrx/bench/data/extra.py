"""Imports of packages from the extra `bench`, which the base installation lacks."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ocrx.errors import UsageError


def bench_module(name: str) -> Any:
    """The module of that name from the extra `bench`. If it is not installed, raises UsageError
    with the command that installs it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"this part of the harness needs {name.partition('.')[0]}, which is not installed",
            "Get it with: pip install 'ocrx[bench]'.",
        ) from error
