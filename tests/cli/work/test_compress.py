"""`ocrx compress`, from the command line to a model that reads."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocrx.bench.data.sample import sample_lines
from ocrx.compression.measuring import Bench
from ocrx.errors import ConversionFailed
from ocrx.reading.reader import Reader
from ocrx.weights.records import Figure, record_of
from ocrx_cli.app import main
from ocrx_cli.work import compress as compressing

BEFORE = Figure("onnxruntime", "fp32", 4.0, 10.0, (90.0, 85.0, 95.0), (80.0, 70.0, 90.0))
AFTER = replace(BEFORE, precision="int8", megabytes=1.2, ms=8.0, accuracy=(89.0, 84.0, 94.0))


def run(*arguments: object) -> int:
    return main(["compress", "paddle:v6-tiny", *map(str, arguments)])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated data of few lines."""
    monkeypatch.setattr(compressing, "sample_lines", lambda: sample_lines(32))
    monkeypatch.setenv("OCRX_PROFILE", "off")


@pytest.fixture
def measured(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness finds BEFORE and AFTER, and a quick look the same in between."""

    def figures(self: Bench, references: Sequence[str], *_: Any) -> Any:
        return [[BEFORE], [AFTER]], {"cpu": "a processor", "cpu_flags": ["avx2"]}

    monkeypatch.setattr(Bench, "figures", figures)


@pytest.mark.slow
@pytest.mark.usefixtures("measured")
def test_a_result_reads_by_its_path_and_tells_its_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "small"
    assert run("-m", "quantize", "-o", out, "--set", "compressor.quantize.reduce_range=yes") == 0
    assert "1.00 points of characters lost, 0.30 of the size" in capsys.readouterr().out
    text = sample_lines(1).samples[0]
    for reference in (out, out / "model.onnx"):
        for runtime in ("onnxruntime", "openvino"):
            with Reader(recognizer=str(reference), backend=runtime, layout="line") as reader:
                page = reader.read(text.source)
                assert page.lines[0].text == text.text
                assert page.used[-1].precision == "int8"
    assert main(["models", "info", str(out)]) == 0
    told = capsys.readouterr().out
    assert "mode=static, calibrator=mse" in told
    assert "reduce_range=True" in told
    assert main(["models", "info", str(out), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["source_sha256"], record["seed"]) != (record["sha256"], None)
    assert record["data"]["samples"] == record["held"]["samples"] == 16
    assert (out / "model.onnx").stat().st_size < 2.2e6
    (out / "model.onnx").write_bytes(b"another")
    assert main(["read", "-r", str(out), "--layout", "line", str(tmp_path)]) == 4


@pytest.mark.slow
@pytest.mark.usefixtures("measured")
def test_a_budget_that_is_not_kept_keeps_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        Bench, "accuracy", lambda self, reference, data: float("/" not in reference)
    )
    command = ("-m", "quantize", "--budget", "0.5", "--set", "compressor.quantize.blocks=2")
    assert run(*command, "-o", tmp_path / "small") == 1
    assert "The budget of 0.5 points is not kept: 1.00 points" in capsys.readouterr().out
    found = record_of(tmp_path / "small")
    assert found is not None
    assert any("in fp32" in note for note in found[0].steps[0].notes)


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_a_run_that_is_stopped_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Bench, "figures", stopped)
    assert run("-m", "quantize", "-o", tmp_path / "small") == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_what_cannot_be_measured_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: Any) -> Any:
        raise ConversionFailed("the worker crashed", "Try again")

    monkeypatch.setattr(Bench, "figures", failing)
    out = tmp_path / "small"
    assert run("-m", "quantize", "-o", out, "--set", "compressor.quantize.mode=dynamic") == 5
    assert f"{out} is made, but has no figures: the worker crashed" in capsys.readouterr().err
    assert main(["models", "info", str(out)]) == 0
    assert "mode=dynamic" in capsys.readouterr().out


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("shutil.copy2", "small cannot be written: No space left on device. Give a folder"),
        ("ocrx_onnx.graph.save", "is full. Free some space there, or set TMPDIR"),
    ],
)
def test_a_full_disk_is_told_and_nothing_is_left(
    where: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(source: object, *_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source))

    monkeypatch.setattr(where, full)
    command = ["-m", "quantize", "--set", "compressor.quantize.mode=fp16", "-o"]
    assert main(["compress", "crnn", *command, str(tmp_path / "small")]) == 6
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-m", "shrink"], "no compressor named 'shrink'"),
        (["-m", ","], "no method was given"),
        (["-m", "quantize", "--set", "compressor.quantize.bits=4"], "no option 'bits'"),
        (["-m", "quantize", "--set", "compressor.prune.ratio=0.5"], "not used"),
        (["-m", "quantize", "--task", "detection", "--data", "lines"], "single lines"),
        (["-m", "quantize", "--data", "lines", "--limit", "20"], "too few"),
        (["-m", "quantize", "-b", "openvno"], "Did you mean 'openvino'"),
        (
            ["-m", "quantize", "-b", "tflite"],
            "tflite takes no onnx-u8 in int8, which is what quantize",
        ),
        (["-m", "quantize,quantize"], "quantize cannot follow quantize: it takes no onnx-u8 int8"),
    ],
)
def test_what_cannot_be_done(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.setattr(compressing, "load_dataset", lambda path: sample_lines(40))
    assert run(*arguments, "-o", tmp_path / "small") == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_comes_compressed_is_no_start(
    few: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "paddle:fast", "-m", "quantize", "-o", str(tmp_path / "small")]) == 2
    assert "published as onnx-u8 in int8" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_not_touched(
    few: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-m", "quantize", "-o", tmp_path) == 6
    assert "exists" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert run("-m", "quantize", "-o", tmp_path / "file" / "small") == 6
    assert "cannot be written: Not a directory" in capsys.readouterr().err
