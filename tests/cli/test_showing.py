"""The table on stdout, reports in files, and comparing two of them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from fakeresults import matrix, ok, result
from ocrx.bench.files import save_result
from ocrx.bench.result import Cell, Result
from ocrx.errors import InputError, OutputError, UsageError
from ocrx_cli.comparing import compare_files
from ocrx_cli.showing import check_reports, show


def test_all_reports_are_written_and_the_table_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {name: tmp_path / f"run.{name}" for name in ("csv", "markdown", "html")}
    check_reports(**paths)
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
        check_reports(csv=nowhere, markdown=None, html=None)
    assert error.value.remedy.startswith("Make it: mkdir -p ")
    with pytest.raises(OutputError, match="it is a folder"):
        check_reports(csv=None, markdown=folder, html=None)
    with pytest.raises(UsageError, match="two outputs"):
        check_reports(csv=file, markdown=file, html=None)
    same = tmp_path / "no" / ".." / "x"
    with pytest.raises(UsageError, match="two outputs"):
        check_reports(csv=None, markdown=None, html=file, json=same)
    with pytest.raises(UsageError, match="two outputs"):
        check_reports(csv=None, markdown=None, html=None, json=file, journal=same)
    check_reports(csv=None, markdown=None, html=None, json=file, journal=tmp_path / "no" / "y")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    check_reports(csv=file, markdown=None, html=None)
    with pytest.raises(UsageError, match="jinja2"):
        check_reports(csv=None, markdown=None, html=file)


def test_a_report_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        show(matrix(), csv=tmp_path / "no" / "x.csv")


def test_stdout_of_any_encoding_takes_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding="ascii"))
    show(result(ok(Cell("漢字"))))
    sys.stdout.flush()
    assert b"\\u6f22\\u5b57" in stream.getvalue()


def saved(folder: Path, name: str, run: Result) -> Path:
    path = folder / name
    save_result(run, path)
    return path


def test_comparing_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = saved(tmp_path, "old.json", result(ok(Cell("r"), 10)))
    new = saved(tmp_path, "new.json", result(ok(Cell("r"), 12)))
    assert compare_files(old, new) == 1
    assert "slower (!)" in capsys.readouterr().out
    assert compare_files(old, new, threshold=30) == 0
    assert compare_files(new, old) == 0
    assert "faster" in capsys.readouterr().out


def test_comparing_what_cannot_be(tmp_path: Path) -> None:
    old = saved(tmp_path, "old.json", matrix())
    (tmp_path / "new.json").write_text("{}")
    with pytest.raises(InputError):
        compare_files(old, tmp_path / "new.json")
    with pytest.raises(UsageError, match="less than nothing"):
        compare_files(old, old, threshold=-1)
