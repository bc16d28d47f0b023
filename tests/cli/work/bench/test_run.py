"""`ocrx matrix` and `ocrx bench` as they are typed, with engines that need no models."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from ocrx.bench.data import extra
from ocrx.bench.run import runner
from ocrx.bench.run.runner import RunProgress
from ocrx.errors import UsageError
from ocrx_cli.app import main
from support import fakecells

Ocrx = Callable[..., tuple[int, str, str]]
QUICK = ("--rounds", "1")


@pytest.fixture
def ocrx(
    tmp_path: Path,
    cache_dir: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Ocrx:
    """Runs a command line on the fakes alone: exit code, stdout, stderr."""
    fakecells.install(tmp_path, monkeypatch)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return fakecells.draw_set(tmp_path / "pictures")


def cells_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return found


@pytest.mark.slow
def test_a_matrix_is_shown_and_written(ocrx: Ocrx, pictures: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / f"run.{name}" for name in ("json", "html", "csv", "markdown")}
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    code, out, err = ocrx(
        "matrix", pictures, "--recognizers", "sizes,widths", "--recognizers", "whole",
        "-b", "onnxruntime,absent", "--limit", "4", *QUICK, *options,
    )  # fmt: skip
    assert (code, err) == (0, "")
    states = {one["recognizer"] + one["backend"]: one["state"] for one in cells_of(files["json"])}
    assert states == {
        "sizes": "built-in",
        "widthsonnxruntime": "ok",
        "widthsabsent": "missing",
        "whole": "built-in",
    }
    for name in ("sizes", "widths onnxruntime", "widths absent", "whole"):
        assert name in out
    assert "pip install absent" in out
    assert all(path.stat().st_size > 100 for path in files.values())
    result = json.loads(files["json"].read_text("utf-8"))
    assert result["dataset"]["samples"] == 4
    assert result["settings"]["rounds"] == "1"
    assert list(tmp_path.glob("*.journal*")) == []  # it is done
    code, out, err = ocrx("matrix", "--compare", files["json"], files["json"])
    assert (code, err) == (0, "")
    assert "No regression" in out


@pytest.mark.slow
def test_the_decoder_is_part_of_a_cell(ocrx: Ocrx, pictures: Path, tmp_path: Path) -> None:
    (pictures / "labels.tsv").write_text("20.png\ta!!\n31.png\ta!!\n")
    files = {name: tmp_path / f"run.{name}" for name in ("json", "html", "csv", "markdown")}
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    code, out, _ = ocrx(
        "matrix", pictures, "-r", "letters,widths", "--decoders", "greedy,shout", "-b", "openvino",
        "--set", "decoder.shout.times=2", "--metric", "lost", *QUICK, *options,
    )  # fmt: skip
    assert code == 0
    found = {}
    for one in cells_of(files["json"]):
        quality, (used,) = one["figures"]["quality"], one["figures"]["used"]
        found[one["recognizer"], one["decoder"]] = (quality["exact"]["value"], used["decoder"])
        # Each is compared with the same decoder on the reference runtime.
        assert (one["state"], one["figures"]["parity"]["equal"]) == ("ok", 100.0)
    assert found == {
        ("letters", "greedy"): (0.0, "greedy"),
        ("letters", "shout"): (100.0, "shout"),
        ("widths", ""): (0.0, ""),
    }
    assert "letters (shout) openvino" in out
    assert "lost %" in out
    for name in ("html", "markdown"):
        assert "letters (shout) openvino" in files[name].read_text("utf-8")
    assert "decoder shout" in files["html"].read_text("utf-8")
    header, *rows = files["csv"].read_text("utf-8").splitlines()
    place = header.split(",").index("decoder")
    assert [row.split(",")[place] for row in rows] == ["greedy", "shout", ""]


@pytest.mark.slow
def test_a_metric_of_a_plugin_is_shown_and_written(
    ocrx: Ocrx, pictures: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.json"
    command = ("-r", "letters", "-b", "openvino", "--limit", "4", *QUICK, "--metric", "lost")
    code, out, _ = ocrx("bench", pictures, *command, "--json", target)
    assert code == 0
    assert re.search(r"^lost characters +80.0 % \[80.0, 80.0\]$", out, re.MULTILINE)
    (extra,) = cells_of(target)[0]["figures"]["quality"]["extra"]
    assert (extra["name"], extra["interval"]["value"]) == ("lost", 80.0)
    assert json.loads(target.read_text("utf-8"))["settings"]["metrics"] == "lost"


@pytest.mark.slow
def test_bench_says_which_decoder_ran_and_a_metric_that_raises_costs_itself(
    ocrx: Ocrx, pictures: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.json"
    code, out, err = ocrx(
        "bench", pictures, "-r", "letters", "-b", "openvino", "--limit", "4", *QUICK,
        "--decoder", "shout", "--metric", "tired,lost", "--json", target,
    )  # fmt: skip
    assert code == 0
    assert out.startswith("letters (shout) openvino on pictures (4 lines)")
    assert "letters on openvino, cpu, fp32, decoder shout" in out
    (line,) = [line for line in err.splitlines() if "tired" in line]
    assert "metric 'tired' of plugin 'support.fakecells' failed: RuntimeError" in line
    extra = cells_of(target)[0]["figures"]["quality"]["extra"]
    assert [one["name"] for one in extra] == ["lost"]


@pytest.mark.slow
def test_bench_of_what_is_missing_fails_with_its_remedy(ocrx: Ocrx, pictures: Path) -> None:
    code, out, _ = ocrx("bench", pictures, "-r", "widths", "-b", "absent", *QUICK)
    assert code == 1
    assert "missing" in out
    assert "pip install absent" in out


@pytest.mark.slow
def test_foldings_and_options_reach_the_figures(ocrx: Ocrx, pictures: Path, tmp_path: Path) -> None:
    labels = pictures / "labels.tsv"
    labels.write_text(labels.read_text().replace("x20", "X-20!"))
    target = tmp_path / "x.json"
    code, _, _ = ocrx(
        "bench", pictures, "-r", "whole", "--fold", "case,punctuation", "--json", target, *QUICK,
        "--set", "page_reader.whole.suffix=.",
    )  # fmt: skip
    assert code == 0
    (cell,) = cells_of(target)
    quality = cell["figures"]["quality"]
    assert (quality["exact"]["value"], quality["folding"]) == (100.0, "case, punctuation")
    assert "suffix" in json.loads(target.read_text("utf-8"))["settings"]["options"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "DATASET or --compare"),
        (("SET", "--fold", "cases"), 2, "Did you mean 'case'"),
        (("SET", "--threads", "x"), 2, "'x' is not a number of threads"),
        (("SET", "-r", "sizs"), 2, "Did you mean 'sizes'"),
        (("SET", "--json", "no/such/folder/x.json"), 6, "no such folder"),
        (("SET", "--json", "x", "--html", "x"), 2, "two outputs would be written to one file"),
        (("SET", "--json", "x", "--journal", "./x"), 2, "two outputs would be written to one"),
        (("SET", "-r", "letters", "--decoders", "shot"), 2, "Did you mean 'shout'"),
        (("SET", "-r", "sizes", "--decoders", "shout"), 2, "Leave out the decoder"),
        (("SET", "-r", "letters", "--set", "decoder.shout.times=2"), 2, "no cell uses it"),
        (("SET", "-r", "sizes", "--metric", "losst"), 2, "Did you mean 'lost'"),
        (("SET", "-r", "sizes", "-p", "dubled"), 2, "Did you mean 'doubled'"),
        (("SET", "-r", "sizes", "--set", "recognizer.other.x=1"), 2, "no cell uses it"),
        (("nothing",), 1, "nothing does not exist"),
        (("--compare", "a", "b"), 1, "a does not exist"),
    ],
)
def test_a_slip_is_told_before_anything_is_measured(
    ocrx: Ocrx, pictures: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    given = [str(pictures) if one == "SET" else one for one in arguments]
    found, out, err = ocrx("matrix", *given)
    assert (found, out) == (code, "")
    assert says in err
    assert err.count("\n") == 1


def cut(*arguments: Any, **options: Any) -> Any:
    """`run_matrix`, interrupted in the second round of any cell."""
    told: list[RunProgress] = []

    def observe(progress: RunProgress) -> None:
        told.append(progress)
        if [one.doing for one in told].count("round") == 2:
            raise KeyboardInterrupt

    dataset, cells, settings, _ = arguments
    return runner.run_matrix(dataset, cells, settings, observe, **options)


@pytest.mark.slow
def test_an_interrupted_run_is_continued(
    ocrx: Ocrx, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "run.json"
    command = ("matrix", pictures, "-r", "sizes,widths", "-b", "openvino", *QUICK)
    with monkeypatch.context() as patch:
        patch.setattr("ocrx_cli.work.bench.run.run_matrix", cut)
        code, out, err = ocrx(*command, "--json", target)
    assert (code, out) == (130, "")
    assert err == "ocrx: interrupted; --resume continues from here\n"
    journal = tmp_path / "run.json.journal"
    assert journal.is_file()
    other, _, err = ocrx(*command, "--limit", "3", "--json", target, "--resume")
    assert other == 2
    assert "dataset samples was 8 and is 3 now" in err
    code, _, err = ocrx(*command, "--json", target, "--resume")
    assert (code, err, journal.exists()) == (0, "", False)
    assert [one["state"] for one in cells_of(target)] == ["built-in", "ok"]
    with monkeypatch.context() as patch:
        patch.setattr("ocrx_cli.work.bench.run.run_matrix", Mock(side_effect=KeyboardInterrupt))
        _, _, err = ocrx(*command, "--json", target, "--resume")
    assert err.startswith("ocrx: there is no interr")


@pytest.mark.slow
def test_an_interrupted_bench_is_continued_and_prints_one_account(
    ocrx: Ocrx, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "mine"
    command = ("bench", pictures, "-r", "widths", "-b", "openvino", *QUICK, "--journal", journal)
    with monkeypatch.context() as patch:
        patch.setattr("ocrx_cli.work.bench.run.run_matrix", cut)
        code, out, err = ocrx(*command)
    assert (code, out) == (130, "")
    assert err == "ocrx: interrupted; --resume continues from here\n"
    kept = journal.read_bytes()
    code, out, _ = ocrx(*command, "--resume", "--json", tmp_path / "x.json")
    assert code == 0
    assert journal.read_bytes().startswith(kept)
    assert "widths openvino on pictures (8 lines)" in out
    rows = dict(line.split(None, 1) for line in out.splitlines()[1:])
    assert rows["state"] == "ok"
    assert rows["parity"].startswith("100.0 % of 8 texts equal those of onnxruntime")
    assert set(rows) >= {"state", "recognition", "characters", "rounds", "stages", "memory"}
    assert len(cells_of(tmp_path / "x.json")) == 1


@pytest.mark.slow
def test_an_interrupted_run_may_have_more_time(
    ocrx: Ocrx, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("matrix", pictures, "-r", "sizes,widths", "-b", "openvino", *QUICK)
    with monkeypatch.context() as patch:
        patch.setattr("ocrx_cli.work.bench.run.run_matrix", cut)
        assert ocrx(*command)[0] == 130
    code, _, err = ocrx(*command, "--time-limit", "3600", "--resume")
    assert (code, err) == (0, "")


@pytest.mark.slow
def test_the_journal_of_a_cut_run_is_kept_beside(
    ocrx: Ocrx, pictures: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "mine"
    journal.write_text("hours of work\n")
    code, _, err = ocrx("matrix", pictures, "-r", "sizes", *QUICK, "--journal", journal)
    assert code == 0
    assert f"its journal is now {journal}.old" in err
    assert journal.with_name("mine.old").read_text() == "hours of work\n"
    assert journal.is_file()  # the user's own is kept


def test_without_the_extra_one_line_says_what_to_do(
    ocrx: Ocrx, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(UsageError):
        extra.bench_module("psutil")
    code, _, err = ocrx("matrix", pictures, "-r", "sizes")
    assert code == 2
    assert "pip install 'ocrx[bench]'" in err
    assert err.count("\n") == 1
