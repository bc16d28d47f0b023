"""Running a contract suite by hand, to see which of its tests a component fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


def failures(suite: type, make: Callable[[], object], folder: Path) -> set[str]:
    """The names of the tests of `suite` that fail on what `make` makes."""
    return {name for name in rules_of(suite) if breaks(suite, name, make, folder)}


def breaks(suite: type, rule: str, make: Callable[[], object], folder: Path) -> bool:
    """Whether this test of `suite` fails on what `make` makes."""
    under_test: type = type(suite.__name__, (suite,), {"make": lambda _: make()})
    return not _passes(under_test(), rule, folder)


def rules_of(suite: type) -> list[str]:
    return [name for name in dir(suite) if name.startswith("test_")]


def _passes(suite: object, name: str, folder: Path) -> bool:
    test = getattr(suite, name)
    try:
        for number, values in enumerate(_parameters(test)):
            place = folder / f"{name}-{number}"
            place.mkdir(parents=True)
            given = {"tmp_path": place} if "tmp_path" in inspect.signature(test).parameters else {}
            test(**given, **values)
    # Whatever a broken component raises, pytest's own Failed included, fails the test.
    except (Exception, pytest.fail.Exception):
        return False
    return True


def _parameters(test: Any) -> Iterator[dict[str, Any]]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        yield {}
    for mark in marks:
        name, values = mark.args
        for value in values:
            yield {name: value.values[0] if hasattr(value, "values") else value}
