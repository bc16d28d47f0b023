"""`ocrx dataset`: what people and programs are told."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocrx_cli.app import main
from support.datasets import put_labels, put_lmdb, put_pages
from support.samples import encode, gradient

Ocrx = Callable[..., Any]


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    return put_labels(tmp_path / "plates", {"a.png": "AB 12", "b.png": "皖A", "c.png": "A"})


@pytest.fixture
def damaged(plates: Path) -> Path:
    (plates / "a.png").unlink()
    (plates / "c.png").write_bytes((plates / "b.png").read_bytes())
    return plates


def test_info(ocrx: Ocrx, plates: Path) -> None:
    run = ocrx("dataset", "info", plates)
    assert (run.code, run.err) == (0, "")
    facts, _, lengths = run.out.partition("\n\n")
    told = dict(line.split(maxsplit=1) for line in facts.splitlines() if line[0] != " ")
    assert told["name"] == "plates"
    assert told["path"] == str(plates)
    assert (told["origin"], told["kind"], told["pictures"]) == ("-", "lines", "3")
    assert told["width"] == "41 px in the median, 40 to 42"
    assert told["characters"] == "8, 6 different"
    assert told["digest"].startswith("sha256:")
    assert "12AB皖" in facts
    rows = [line.split() for line in lengths.splitlines()]
    assert rows == [
        ["LENGTH", "TEXTS"],
        ["1", "1", "█" * 30],
        ["2", "1", "█" * 30],
        ["3", "0"],
        ["4", "0"],
        ["5", "1", "█" * 30],
    ]


def test_info_of_pages_some_of_which_cannot_be_read(ocrx: Ocrx, tmp_path: Path) -> None:
    lines = [((0.0, 0.0, 9.0, 9.0), "x" * (1 + 3 * n)) for n in range(15)]
    put_pages(tmp_path, {"a.png": ("A", [*lines, ((0, 0, 9, 9), "###")]), "b.png": ("", [])})
    (tmp_path / "b.png").unlink()
    (tmp_path / "origin.txt").write_text("https://example.org/pages\n", "utf-8")
    out = ocrx("dataset", "info", tmp_path).out
    assert "origin      https://example.org/pages\n" in out
    assert "pictures    2, 1 of them unreadable\n" in out
    assert "texts       15, and 1 not scored\n" in out
    histogram = out.partition("LENGTH")[2].splitlines()[1:]
    assert histogram[0].split()[:2] == ["1-4", "2"]
    assert histogram[-1].split()[:2] == ["41-44", "1"]
    assert sum(int(row.split()[1]) for row in histogram) == 15


def test_info_as_json(ocrx: Ocrx, plates: Path) -> None:
    told = json.loads(ocrx("dataset", "info", "--json", plates).out)
    assert told["schema"] == "ocrx/1"
    assert told["info"]["samples"] == 3
    assert told["widths"] == {"least": 40, "median": 41, "greatest": 42}
    assert told["characters"] == {"A": 3, "B": 1, " ": 1, "1": 1, "2": 1, "皖": 1}
    assert told["lengths"] == {"1": 1, "2": 1, "5": 1}


def test_nothing_is_wrong(ocrx: Ocrx, plates: Path) -> None:
    run = ocrx("dataset", "check", plates)
    assert (run.code, run.out) == (0, "plates: 3 pictures, nothing wrong\n")


def test_what_is_wrong_is_told_by_kind(ocrx: Ocrx, damaged: Path) -> None:
    run = ocrx("dataset", "check", damaged)
    assert run.code == 1
    assert run.out == (
        "missing: the picture does not exist (1)\n"
        f"  a.png  {damaged}/a.png does not exist\n"
        "\n"
        "contradiction: an earlier sample has the same picture with another truth (1)\n"
        "  c.png  'A' here, '皖A' for b.png\n"
        "\n"
        "plates: 2 of 3 pictures have something wrong\n"
    )


def test_only_some_of_many_are_shown(ocrx: Ocrx, tmp_path: Path) -> None:
    put_labels(tmp_path, {f"{index}.png": "" for index in range(8)})
    out = ocrx("dataset", "check", tmp_path, "--show", "3").out
    assert out.count(".png") == 3
    assert "(8)" in out
    assert "  ... and 5 more\n" in out
    none = ocrx("dataset", "check", tmp_path, "--show", "0").out
    assert ".png" not in none
    assert "..." not in none


def test_what_is_wrong_as_json(ocrx: Ocrx, damaged: Path) -> None:
    run = ocrx("dataset", "check", "--json", damaged)
    assert run.code == 1
    told = json.loads(run.out)
    assert (told["schema"], told["name"], told["samples"]) == ("ocrx/1", "plates", 3)
    assert told["problems"][1] == {
        "fault": "contradiction",
        "sample": "c.png",
        "detail": "'A' here, '皖A' for b.png",
    }


def test_the_charset_of_recognisers(plates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (plates / "labels.tsv").write_text("a.png\tAB 12皖\nb.png\t\U00013080A\n", "utf-8")
    assert main(["dataset", "check", str(plates), "-r", "paddle", "--offline", "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem == {
        "fault": "charset",
        "sample": "b.png",
        "detail": "paddle: U+13080 EGYPTIAN HIEROGLYPH D010",
    }


def test_a_recogniser_that_does_not_say(
    plates: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ocrx.reading.assembly.Assembly.charset", lambda self, name: None)
    assert main(["dataset", "check", str(plates), "-r", "paddle"]) == 2
    assert "'paddle' does not say which characters" in capsys.readouterr().err


def test_a_form_that_is_named(ocrx: Ocrx, tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "A"})
    put_lmdb(tmp_path, [(encode(gradient()), "B")] * 2)
    for form, count in (("labels", 1), ("lmdb", 2)):
        told = json.loads(ocrx("dataset", "info", "--form", form, "--json", tmp_path).out)
        assert told["info"]["samples"] == count
    run = ocrx("dataset", "info", "--form", "lmbd", tmp_path)
    assert run.code == 2
    assert "Did you mean 'lmdb'?" in run.err


def test_what_is_no_dataset(ocrx: Ocrx, tmp_path: Path) -> None:
    for command in ("info", "check"):
        run = ocrx("dataset", command, tmp_path / "nowhere")
        assert (run.code, run.out) == (1, "")
        assert run.err == f"ocrx: error: {tmp_path}/nowhere does not exist. Check the name.\n"


def test_a_bar_where_somebody_watches(
    plates: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["dataset", "info", str(plates)]) == 0
    assert "Pictures" in terminal.getvalue()
    assert capsys.readouterr().out.startswith("name")


def test_bars_where_blocks_cannot_be_written(plates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["dataset", "info", str(plates)]) == 0
    out.seek(0)
    assert out.read().endswith("#" * 30 + "\n")
