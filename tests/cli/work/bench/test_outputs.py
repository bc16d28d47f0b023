"""The table on stdout, reports in files, and comparing two of them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from ocrx.bench.figures.result import Cell
from ocrx.errors import OutputError, UsageError
from ocrx_cli.work.bench.outputs import Outputs, show
from support.fakeresults import matrix, ok, result


def test_all_reports_are_written_and_the_table_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {name: tmp_path / f"run.{name}" for name in ("csv", "markdown", "html")}
    Outputs(**paths).check(None)
    show(matrix(), None, csv=paths["csv"], markdown=paths["markdown"], html=paths["html"])
    assert "crnn openvino int8" in capsys.readouterr().out
    assert paths["csv"].read_bytes().startswith(b"detector,recognizer,")
    assert "| crnn openvino int8 | ok |" in paths["markdown"].read_text(encoding="utf-8")
    assert paths["html"].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_what_cannot_be_written_is_known_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, folder, file = tmp_path / "no" / "x.csv", tmp_path, tmp_path / "x"
    with pytest.raises(OutputError, match="no such folder") as error:
        Outputs(csv=nowhere).check(None)
    assert error.value.remedy.startswith("Make it: mkdir -p ")
    with pytest.raises(OutputError, match="it is a folder"):
        Outputs(markdown=folder).check(None)
    with pytest.raises(UsageError, match="two outputs"):
        Outputs(csv=file, markdown=file).check(None)
    same = tmp_path / "no" / ".." / "x"
    with pytest.raises(UsageError, match="two outputs"):
        Outputs(html=file, json=same).check(None)
    with pytest.raises(UsageError, match="two outputs"):
        Outputs(json=file).check(same)
    Outputs(json=file).check(tmp_path / "no" / "y")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    Outputs(csv=file).check(None)
    with pytest.raises(UsageError, match="jinja2"):
        Outputs(html=file).check(None)


def test_a_report_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        show(matrix(), csv=tmp_path / "no" / "x.csv")


def test_stdout_of_any_encoding_takes_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding="ascii"))
    show(result(ok(Cell("漢字"))))
    sys.stdout.flush()
    assert b"\\u6f22\\u5b57" in stream.getvalue()
