"""`ocrx matrix --compare`: two runs side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.bench.figures.result import Cell, Result
from ocrx.bench.show.files import save_result
from ocrx.errors import InputError, UsageError
from ocrx_cli.work.matrix import compare_files
from support.fakeresults import matrix, ok, result


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
