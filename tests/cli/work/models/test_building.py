"""`ocrx models build` and `clean`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ocrx.artifacts import ModelSpec, Source
from ocrx.names import Task
from ocrx.plugins.registrar import Kind, Registrar
from ocrx.plugins.registry import load_plugins
from ocrx.profiles import profile
from ocrx.reading.choice import Asked, choose
from ocrx.system.checksum import sha256_of
from ocrx.system.cpus import available_cpus
from ocrx.weights.records import Record, Step, record_of, write_record
from ocrx_cli.app import main
from ocrx_cli.shared.catalogue import READ_BY_DEFAULT
from support.fakeconverter import BROKEN, ONNX_TO_ENGINE, FakeBackend, FakeConverter
from support.fakenetwork import WidthModel

READ: tuple[tuple[Kind, Task], ...] = (
    ("detector", "detection"),
    ("orienter", "orientation"),
    ("recognizer", "recognition"),
)


class Small(WidthModel):
    """What a folder of `ocrx compress` holds."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        record, path = record_of(Path(folder)) or pytest.fail(f"no record in {folder}")
        self.spec = record.applied(self.spec, path)


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture(autouse=True)
def converter(
    only_plugin: Callable[..., None], tmp_path: Path, cache_dir: Path, backend: FakeBackend
) -> FakeConverter:
    """The only plugin there is: one runtime, one converter for it, a recogniser by name, and the
    three components that `ocrx read` uses if it is asked for no others."""
    weights = tmp_path / "toy.onnx"
    weights.write_bytes(b"weights")
    spec = ModelSpec("toy", "recognition", {"onnx": Source("toy.onnx", path=weights)})
    converter = FakeConverter("press", ONNX_TO_ENGINE)

    def add(registrar: Registrar) -> None:
        registrar.add("backend", "fake", lambda request: backend)
        registrar.add("converter", "press", lambda request: converter)
        registrar.add("recognizer", "toy", lambda request: None, models=lambda: {"v1": spec})
        registrar.add("recognizer", "small", lambda request: Small(request.variant), paths=True)
        for kind, task in READ:
            models = partial(published, task)
            registrar.add(kind, "paddle", lambda request: None, models=models)

    def published(task: Task) -> dict[str, ModelSpec]:
        models = {}
        for version in ("v2", "v1"):
            path = tmp_path / f"{task}-{version}.onnx"
            path.write_text(task + version)
            models[version] = ModelSpec(task, task, {"onnx": Source(path.name, path=path)})
        return models

    only_plugin(add)
    return converter


def test_a_model_is_built_once_listed_and_cleaned(
    capsys: pytest.CaptureFixture[str], converter: FakeConverter, backend: FakeBackend
) -> None:
    assert main(["models", "build", "toy:v1", "--backend", "fake"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes() == b"press<weights>"
    assert main(["models", "build", "toy", "-b", "fake"]) == 0
    assert Path(capsys.readouterr().out.strip()) == path
    assert len(converter.calls) == 1
    assert backend.opened == [path, path]

    assert main(["models", "list"]) == 0
    assert "toy (press fp32)" in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["conversions"]
    assert (entry["model"], entry["converter"], entry["whole"]) == ("toy", "press", True)
    path.write_bytes(b"press<")
    assert main(["models", "list"]) == 0
    assert "damaged" in capsys.readouterr().out

    assert main(["models", "clean"]) == 0
    assert not path.exists()


def test_a_compressed_model_is_built_by_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pruned"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"pruned")
    sha256 = sha256_of(folder / "model.onnx")
    record = Record(
        "recognizer", "small", "", "recognition", "widths", "model.onnx", "onnx", "fp32", sha256,
        sha256, [Step("prune")],
    )  # fmt: skip
    write_record(record, folder)
    for path in (folder, folder / "model.onnx"):
        assert main(["models", "build", str(path), "-b", "fake"]) == 0
        assert Path(capsys.readouterr().out.strip()).read_bytes() == b"press<pruned>"
    assert main(["models", "build", str(tmp_path), "-b", "fake"]) == 2
    assert "there is no model" in capsys.readouterr().err


def test_without_a_name_it_is_about_what_is_read_with(
    capsys: pytest.CaptureFixture[str], backend: FakeBackend
) -> None:
    """Not about every plugin's models: `toy` is here too."""
    assert main(["models", "build", "-b", "fake"]) == 0
    made = [Path(line).read_text() for line in capsys.readouterr().out.splitlines()]
    assert made == [f"press<{task}v2>" for _, task in READ]
    assert [asked.concurrency for asked in backend.asked] == [1, 1, available_cpus()]


def test_what_is_built_by_default_is_what_a_reader_opens_by_default() -> None:
    choice = choose(Asked(), load_plugins())
    assert {kind: choice.reference(kind) for kind, _ in READ} == READ_BY_DEFAULT


def test_the_runtime_is_the_one_that_a_reader_would_choose(
    capsys: pytest.CaptureFixture[str], backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeBackend, "accepts", ("onnx",))
    assert main(["models", "build"]) == 0
    names = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert names == [f"{task}-v2.onnx" for _, task in READ], "nothing was to be converted"
    assert len(backend.opened) == 3


def test_a_profile_is_followed_as_a_reader_follows_it(
    backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "profile.json"
    monkeypatch.setenv(profile.VARIABLE, str(path))
    machine = profile.this_machine({"fake": backend.probe().version})
    choice = profile.Choice("page", "paddle", "paddle", "fake", "fp32", 3, "cpu", machine)
    profile.save(profile.Profile(path).put(choice))
    assert main(["models", "build"]) == 0
    assert {(asked.threads, asked.precision) for asked in backend.asked} == {(3, "fp32")}
    followed = len(backend.asked)
    assert main(["models", "build", "--device", "cpu"]) == 0
    assert all(asked.threads != 3 for asked in backend.asked[followed:]), "it is not for a device"


def test_a_model_is_opened_as_a_reader_opens_it(backend: FakeBackend) -> None:
    """What the runtime keeps of it would not serve the reader otherwise."""
    assert main(["models", "build", "toy", "-b", "fake"]) == 0
    cpus = available_cpus()
    assert [(asked.threads, asked.concurrency) for asked in backend.asked] == [(cpus, cpus)]


def test_what_cannot_be_built_is_told_with_the_reason(
    capsys: pytest.CaptureFixture[str], converter: FakeConverter
) -> None:
    assert main(["models", "build", "toy", "-b", "fake", "--precision", "int8"]) == 5
    assert "press (onnx to engine fp32)" in capsys.readouterr().err
    converter.present = False
    assert main(["models", "build", "toy", "-b", "fake"]) == 5
    assert "pip install press" in capsys.readouterr().err
    assert main(["models", "build", "toy"]) == 5, "no runtime takes it as it is"


def test_how_far_it_is_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "build", "toy", "-b", "fake"]) == 0
    assert capsys.readouterr().err.splitlines() == ["ocrx: toy: pressing (0%)"]


def test_what_could_not_run_is_not_ready(
    capsys: pytest.CaptureFixture[str], backend: FakeBackend
) -> None:
    assert main(["models", "build", "toy", "-b", "fake", "--device", "gpu:7"]) == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "there is no device 'gpu:7'" in captured.err
    backend.present = False
    assert main(["models", "build", "-b", "fake"]) == 5
    assert "pip install fake" in capsys.readouterr().err


def test_a_model_is_built_for_another_machine(
    capsys: pytest.CaptureFixture[str], converter: FakeConverter, backend: FakeBackend
) -> None:
    converter.targets = ("board9",)
    backend.present = False
    assert main(["models", "build", "toy", "-b", "fake", "--device", "board9"]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()
    assert backend.opened == []


def test_what_stops_all_models_is_told_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, backend: FakeBackend
) -> None:
    backend.present = False
    assert main(["models", "build", "-b", "fake"]) == 5
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["models", "build", "-b", "fakir"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "Did you mean 'fake'?" in line


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("converter.pres.tempo=3", "Did you mean 'converter.press'?"),
        ("converter.press.tempo=3", "has no option 'tempo'"),
        ("recognizer.toy.x=3", "'recognizer.toy', which is not used"),
        ("tempo", "not of the form"),
    ],
)
def test_an_option_that_nothing_takes_is_an_error(
    capsys: pytest.CaptureFixture[str], setting: str, told: str
) -> None:
    assert main(["models", "build", "-b", "fake", "--set", setting]) == 2
    assert told in capsys.readouterr().err


def test_the_others_are_built_where_one_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, converter: FakeConverter
) -> None:
    converter.error = BROKEN
    assert main(["models", "build", "-b", "fake"]) == 5
    lines = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    told = "it does not convert. Choose another backend."
    assert lines == [f"ocrx: error: paddle:v2 ({task}): {told}" for _, task in READ]


def test_what_a_killed_process_left_is_cleaned(
    capsys: pytest.CaptureFixture[str], cache_dir: Path
) -> None:
    left = cache_dir / "converted" / "0a1b.part-77"
    left.mkdir(parents=True)
    (left / "half.bin").write_bytes(bytes(2_000_000))
    assert main(["models", "clean"]) == 0
    assert capsys.readouterr().err == "ocrx: freed 2.0 MB\n"
    assert not left.exists()


def test_what_runtimes_keep_is_cleaned_too(
    capsys: pytest.CaptureFixture[str], cache_dir: Path
) -> None:
    for runtime in ("openvino", "tensorrt"):
        kept = cache_dir / "compiled" / runtime / "0a1b.blob"
        kept.parent.mkdir(parents=True)
        kept.write_bytes(bytes(1_000_000))
    weights = cache_dir / "models" / "0a1b" / "weights.onnx"
    weights.parent.mkdir(parents=True)
    weights.touch()
    assert main(["models", "clean"]) == 0
    assert capsys.readouterr().err == "ocrx: freed 2.0 MB\n"
    assert [path for path in cache_dir.rglob("*") if path.is_file()] == [weights]
