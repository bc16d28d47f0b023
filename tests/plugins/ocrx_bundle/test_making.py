"""What is in a bundle, that it reads, and that nothing half-written is left."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnx
import pytest

from ocrx.bench.figures.compare import compare
from ocrx.bench.show.files import load_result
from ocrx.errors import ConversionFailed, OcrxError, OutputError, UnknownName, UsageError
from ocrx.names import Precision
from ocrx.system.checksum import sha256_of
from ocrx.weights.records import Record, Step, write_record
from ocrx_bundle.device import main
from ocrx_bundle.making import make
from ocrx_bundle.memory import workspace
from ocrx_bundle.targets import find_target
from ocrx_bundle.wanted import Wanted
from support.tinylines import save_stripes, stripes, tiny_lines

TEXTS = ["ABBA", "B", "AAB"]


def run(bundle: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(main, "HERE", bundle)
    return main.main([*arguments])


def test_it_has_all_files_and_their_checksums(bundle: Path) -> None:
    names = {path.name for path in bundle.iterdir()}
    assert names == {
        "README.md", "SHA256SUMS", "build_engine.sh", "bundle.json", "read_codes.py",
        "recognition.onnx",
    }  # fmt: skip
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=bundle, check=True)
    text = (bundle / "README.md").read_text("utf-8")
    assert "rewrote HardSwish" in text
    assert "is under 20 ms" in text
    assert "$" not in text


def test_it_reads_pictures(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = save_stripes(tmp_path / "pictures", TEXTS)
    assert run(bundle, monkeypatch, str(folder)) == 0
    assert capfd.readouterr().out == "".join(
        f"{folder}/{number}.png\t{text}\n" for number, text in enumerate(TEXTS)
    )


def test_a_picture_that_cannot_be_read_costs_only_itself(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = save_stripes(tmp_path / "pictures", ["AB"])
    (folder / "a.png").write_bytes(b"none")
    missing = str(folder / "missing.png")
    assert run(bundle, monkeypatch, "--json", missing, str(folder)) == 1
    told = capfd.readouterr()
    (line,) = json.loads(told.out)["lines"]
    assert line["text"] == "AB"
    assert line["quad"] == [[0, 0], [80, 0], [80, 48], [0, 48]]
    assert "missing.png cannot be read" in told.err
    assert "a.png is no picture" in told.err


def test_it_ends_quietly_when_nobody_reads_what_it_prints(bundle: Path, tmp_path: Path) -> None:
    folder = save_stripes(tmp_path / "pictures", TEXTS)
    read, write = os.pipe()
    os.close(read)
    command = [
        sys.executable,
        str(bundle / "read_codes.py"),
        "--engine",
        "onnxruntime",
        str(folder),
    ]
    with os.fdopen(write) as pipe:
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


def test_what_is_damaged_on_the_device_is_named(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    labels = tmp_path / "labels.tsv"
    for content, says in ((b"\xff", "cannot be read: 'utf-8'"), (b"a\tb\t{", "third column: {")):
        labels.write_bytes(content)
        assert run(copy, monkeypatch, "--benchmark", str(tmp_path)) == 1
        assert f"{labels} " in (told := capfd.readouterr().err)
        assert says in told
    (copy / "recognition.onnx").write_bytes(b"none")
    assert run(copy, monkeypatch, "a.png") == 1
    assert "onnxruntime cannot load recognition.onnx; is the folder whole" in capfd.readouterr().err


def test_its_measurement_stands_beside_those_of_ocrx(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, out = save_stripes(tmp_path / "pictures", [*TEXTS, "AB"]), tmp_path / "here.json"
    (folder / "labels.tsv").write_text(
        (folder / "labels.tsv").read_text("utf-8").replace("3.png\tAB", "3.png\tABAA"), "utf-8"
    )
    arguments = ("--benchmark", str(folder), "--rounds", "2", "--output", str(out))
    assert run(bundle, monkeypatch, *arguments) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["characters"] == pytest.approx(100 * 10 / 12, abs=0.01)
    assert told["exact"] == 75
    assert told["ms"] > 0
    result = load_result(out)
    assert result.cells[0].cell.backend == "onnxruntime"
    assert not compare(result, result).regressions

    from ocrx.bench.data.info import describe
    from ocrx.bench.data.load import load_dataset

    assert result.dataset.digest == describe(load_dataset(folder)).digest

    arguments = ("--benchmark", str(folder), "--rounds", "1", "--output", str(tmp_path))
    assert run(bundle, monkeypatch, *arguments) == 1
    told = capfd.readouterr()
    assert json.loads(told.out)["exact"] == 75  # what was measured is not lost
    assert f"{tmp_path} cannot be written" in told.err


def unknown(folder: Path) -> Wanted:
    return Wanted("paddle", "jetson-nanoo", folder)


def lacking(folder: Path) -> Wanted:
    network = tiny_lines(folder.parent / "hardmax.onnx", activation="Hardmax")
    return Wanted(f"paddle:{network}", "jetson-nano", folder)


def another_precision(folder: Path) -> Wanted:
    return Wanted("paddle", "jetson-nano", folder, precision="int8")


def no_numbers(folder: Path) -> Wanted:
    return Wanted("easyocr", "cpu", folder)


def no_such_option(folder: Path) -> Wanted:
    return Wanted("paddle", "cpu", folder, settings=("recognizer.colour=red",))


def no_such_pattern(folder: Path) -> Wanted:
    return Wanted("paddle", "cpu", folder, patterns=("plate-xx",))


def too_many_edges(folder: Path) -> Wanted:
    return Wanted("paddle", "cpu", folder, patterns=(".{8}",))


@pytest.mark.parametrize(
    ("wanted", "error", "told"),
    [
        (unknown, UnknownName, "Did you mean 'jetson-nano'"),
        (lacking, ConversionFailed, "TensorRT 8.2 does not take hardmax: it lacks Hardmax"),
        (another_precision, OcrxError, "compute in fp16 or fp32, not in int8"),
        (no_numbers, UsageError, "cannot be bundled"),
        (no_such_option, UsageError, "colour"),
        (no_such_pattern, UnknownName, "there is no pattern named 'plate-xx'"),
        (too_many_edges, UsageError, "Name the characters that may occur"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    wanted: Any, error: type[OcrxError], told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out" / "bundle"
    folder.parent.mkdir()
    with pytest.raises(error, match=told):
        make(wanted(folder))
    assert not [path for path in folder.parent.iterdir() if path.suffix != ".onnx"]


def test_a_full_disk_is_no_fault_of_the_file_that_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))

    network = tiny_lines(tmp_path / "tiny.onnx")
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OutputError, match=r"cannot write .*: No space left on device"):
        make(Wanted(f"paddle:{network}", "cpu", tmp_path / "out" / "cpu"))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_target_without_enough_memory_is_an_error() -> None:
    nano = find_target("jetson-nano")
    usual: Any = SimpleNamespace(peak=0)
    packed: Any = {"recognition": SimpleNamespace(bounds=(usual, SimpleNamespace(peak=300 << 20)))}
    free = nano.memory_mb - nano.reserved_mb if nano.memory_mb else 0
    assert workspace(nano, packed, {"recognition": 10 << 20}) == nano.workspace_mb
    assert workspace(nano, packed, {"recognition": 600 << 20}) == free - 1500
    with pytest.raises(UsageError, match="the memory of jetson-nano does not suffice"):
        workspace(nano, packed, {"recognition": 800 << 20})


def test_it_reads_along_a_pattern(tmp_path: Path) -> None:
    network = tiny_lines(tmp_path / "tiny.onnx")
    make(Wanted(f"paddle:{network}", "cpu", tmp_path / "cpu", patterns=("A+|BB",)))
    reader, free = (
        main.Reader(tmp_path / "cpu", "auto", None, free=free) for free in (False, True)
    )
    assert reader.lines(stripes("AAA"))[0]["matches"]
    assert [reader.text(stripes(text)) for text in ("AAA", "BB", "ABA")] == ["AAA", "BB", "ABA"]
    assert not reader.lines(stripes("ABA"))[0]["matches"]
    assert "matches" not in free.lines(stripes("BB"))[0]


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        make(Wanted("paddle", "cpu", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("activation", "opset", "told"),
    [
        ("Relu", 15, "tiny: wrote opset 18 as 15"),
        ("Mish", 18, "tiny: opset 18 needs a later version than ONNX Runtime 1.10"),
    ],
)
def test_the_runtime_of_an_old_python_reads_it_if_it_can_be_written_so(
    activation: str, opset: int, told: str, tmp_path: Path
) -> None:
    network = tiny_lines(tmp_path / "tiny.onnx", 18, activation)
    model = onnx.load(network)
    model.ir_version = 10
    onnx.save(model, network)
    (note,) = make(Wanted(f"paddle:{network}", "cpu", tmp_path / "cpu"))
    assert note.startswith(told)
    written = onnx.load(tmp_path / "cpu" / "recognition.onnx")
    assert written.opset_import[0].version == opset
    assert written.ir_version == (8 if opset == 15 else 10)


def test_a_bundle_for_an_orin_installs_ocrx(tmp_path: Path) -> None:
    network = tiny_lines(tmp_path / "tiny.onnx")
    make(Wanted(f"paddle:{network}", "jetson-orin", tmp_path / "orin"))
    found = {path.name: path.read_text("utf-8") for path in (tmp_path / "orin").glob("*.[mst]*")}
    assert found["requirements.txt"].startswith("ocrx==")
    assert '--recognizer paddle:"$here"/recognition.onnx --layout line' in found["read.sh"]
    assert 'read.sh" "$picture"' in found["build_engines.sh"]


def compressed(folder: Path, precision: Precision = "fp32") -> Path:
    """A folder as `ocrx compress` writes it, with the small network."""
    folder.mkdir()
    network = tiny_lines(folder / "model.onnx", 18)
    found = sha256_of(network)
    form = "onnx" if precision == "fp32" else "onnx-u8"
    steps = [Step("prune")]
    record = Record(
        "recognizer", "paddle", "", "recognition", "tiny", network.name, form, precision, found,
        found, steps,
    )  # fmt: skip
    write_record(record, folder)
    return folder


def test_a_compressed_model_goes_along_with_its_record(tmp_path: Path) -> None:
    model, out = compressed(tmp_path / "small"), tmp_path / "orin"
    make(Wanted(f"{model}/", "jetson-orin", out))
    assert '--recognizer "$here"/recognition/ --layout' in (out / "read.sh").read_text("utf-8")
    assert (out / "recognition" / "record.json").is_file()
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=out, check=True)


@pytest.mark.parametrize("target", ["jetson-nano", "jetson-orin"])
def test_a_model_in_int8_stays_in_it_or_is_refused(target: str, tmp_path: Path) -> None:
    model = compressed(tmp_path / "small", "int8")
    make(Wanted(f"{model}/", "cpu", tmp_path / "cpu"))
    network = json.loads((tmp_path / "cpu" / "bundle.json").read_text("utf-8"))["networks"]
    assert network["recognition"]["precisions"] == {"onnxruntime": "int8"}
    with pytest.raises(UsageError, match=f"is in int8, and a bundle for {target} in fp16"):
        make(Wanted(f"{model}/", target, tmp_path / "out"))
