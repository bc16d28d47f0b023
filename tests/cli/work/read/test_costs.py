"""A run that costs money begins when somebody agrees."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from ocrx.errors import UsageError
from ocrx_cli.work.read.costs import LARGE, agreed

MANY = [Path("missing.png")] * LARGE


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def dear(pages: int) -> str:
    return f"{pages} crowns"


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """There is a person at a terminal, who types that."""
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", Terminal())


def test_what_costs_nothing_is_not_counted() -> None:
    sources = iter(MANY)
    found = agreed(sources, lambda pages: "", yes=False)
    assert next(found) == MANY[0]
    assert len(list(sources)) == LARGE - 1


def test_a_small_run_needs_no_consent() -> None:
    assert list(agreed(MANY[1:], dear, yes=False)) == MANY[1:]


def test_with_yes_a_large_run_tells_its_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(agreed(MANY, dear, yes=True)) == MANY
    assert capsys.readouterr().err == f"ocrx: reading {LARGE} pages costs {LARGE} crowns\n"


def test_a_person_may_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, "y\n")
    assert list(agreed(MANY, dear, yes=False)) == MANY


@pytest.mark.parametrize("typed", ["\n", "no\n", ""])
def test_a_person_may_not_agree(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    at_a_terminal(monkeypatch, typed)
    with pytest.raises(UsageError, match="costs 100 crowns"):
        list(agreed(MANY, dear, yes=False))


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError, match="Add --yes"):
        list(agreed(MANY, dear, yes=False))
