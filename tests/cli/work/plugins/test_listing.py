"""`ocrx plugins`: every plugin with its state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ocrx.plugins.options import NoOptions
from ocrx.plugins.registrar import Entry, Request
from ocrx.plugins.registry import PluginRecord, Rejected
from ocrx.version import VERSION
from ocrx_cli.app import main
from ocrx_cli.work.plugins.listing import Row, rows_of


def build(request: Request) -> object:
    raise AssertionError(request)


def entry(name: str) -> Entry:
    return Entry("recognizer", name, build, NoOptions, dict, "mine", "mine-ocr")


def test_a_row_for_each_component() -> None:
    record = PluginRecord("mine", "mine-ocr", "1.0", [entry("a"), entry("b")])
    record.rejected.append(Rejected("detector", "c", "it is taken"))
    assert list(rows_of(record)) == [
        Row("recognizer", "a", "mine", "mine-ocr", "1.0", "ok"),
        Row("recognizer", "b", "mine", "mine-ocr", "1.0", "ok"),
        Row("detector", "c", "mine", "mine-ocr", "1.0", "rejected", "it is taken"),
    ]


def test_a_row_for_a_plugin_without_components() -> None:
    assert list(rows_of(PluginRecord("x", "", "", error="boom"))) == [
        Row("plugin", "x", "x", "-", "-", "failed", "boom")
    ]
    assert list(rows_of(PluginRecord("x", "d", "2"))) == [
        Row("plugin", "x", "x", "d", "2", "empty")
    ]


def test_the_table_is_aligned_and_one_line_each(
    ocrx: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = PluginRecord("broken", "broken-ocr", "1.0", error="ImportError: no\nsuch\x1b[2J thing")
    monkeypatch.setattr("ocrx.plugins.registry._load", lambda *_: failed)
    run = ocrx("plugins")
    assert run.code == 0
    heading, row, *_ = run.out.splitlines()
    assert heading.split() == ["KIND", "NAME", "DISTRIBUTION", "VERSION", "STATE", "ERROR"]
    assert row.index("broken-ocr") == heading.index("DISTRIBUTION")
    assert row.index("failed") == heading.index("STATE")
    assert row.endswith(r"ImportError: no\nsuch\x1b[2J thing")


def test_the_plugins_that_come_along(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "ocrx/1"
    rows = [(row["kind"], row["name"], row["state"]) for row in found["plugins"]]
    for expected in (("backend", "openvino", "ok"), ("recognizer", "paddle", "ok")):
        assert expected in rows
    own = [row for row in found["plugins"] if row["distribution"] == "ocrx"]
    assert {row["version"] for row in own} == {VERSION}
