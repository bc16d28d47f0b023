from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pytest

from ocrx.artifacts import ModelSpec, PackageFile, Source
from ocrx.names import Task
from ocrx.plugins.registrar import Registrar, Request
from ocrx_cli.app import main
from ocrx_cli.options.choices import TASKS
from ocrx_cli.work.models.listing import HEADINGS
from support.fileserver import FileServer, serve

CONTENT = b"weights" * 1000


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(CONTENT) as running:
        yield running


@pytest.fixture(autouse=True)
def cache(cache_dir: Path) -> Path:
    return cache_dir


def build(request: Request) -> object:
    """Nothing here builds a component."""
    raise AssertionError(request)


Register = Callable[[Callable[[Registrar], None]], None]


@pytest.fixture
def acme(server: FileServer, only_plugin: Register) -> FileServer:
    """A third party's plugin with a detector and a recogniser, served by the server."""

    def spec(task: Task, filename: str, languages: tuple[str, ...] = ()) -> ModelSpec:
        return ModelSpec(
            f"acme {filename}",
            task,
            {"onnx": server.source(filename)},
            licence="MIT",
            languages=languages,
        )

    detectors = {"big": spec("detection", "det_big.onnx")}
    recognizers = {
        "small": spec("recognition", "rec_small.onnx", ("en", "fr")),
        "big": spec("recognition", "rec_big.onnx", tuple("abcdefg")),
    }

    def add(registrar: Registrar) -> None:
        registrar.add("detector", "acme", build, models=lambda: detectors)
        registrar.add("recognizer", "acme", build, models=lambda: recognizers)
        registrar.add("preprocessor", "acme", build)

    only_plugin(add)
    return server


Output = pytest.CaptureFixture[str]


def models_of(output: Output) -> list[dict[str, Any]]:
    document = json.loads(output.readouterr().out)
    assert document["schema"] == "ocrx/1"
    return list(document["models"])


def in_cache(cache: Path, filename: str) -> Path:
    return cache / "models" / sha256(CONTENT).hexdigest()[:16] / filename


# list


def test_list_of_what_is_installed(capsys: Output) -> None:
    """The real plugins: the defaults are here without any download."""
    assert main(["models", "list"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split() == list(HEADINGS)
    defaults = [line for line in lines if line.startswith("paddle:") and "(default)" in line]
    assert len(defaults) == 3
    assert all(line.endswith("package") for line in defaults)
    assert all("Apache-2.0" in line for line in lines[1:] if line.startswith("paddle:"))
    assert captured.err == ""


def test_list_of_a_third_party(acme: FileServer, cache: Path, capsys: Output) -> None:
    assert main(["models", "pull", "acme:small"]) == 0
    capsys.readouterr()
    assert main(["models", "list"]) == 0
    rows = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells == [
        list(HEADINGS),
        ["acme:big (default)", "detection", "-", "MIT", "0.0 MB", "not here"],
        ["acme:small (default)", "recognition", "en, fr", "MIT", "0.0 MB", "cache"],
        ["acme:big", "recognition", "7 languages", "MIT", "0.0 MB", "not here"],
    ]
    assert acme.asked == [""]


def test_a_size_that_is_published_nowhere_is_unknown(cache: Path, capsys: Output) -> None:
    assert main(["models", "list", "--task", "recognition"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if "v4-kannada" in line)
    assert row.split()[-3:] == ["unknown", "not", "here"]


def test_list_as_json(acme: FileServer, cache: Path, capsys: Output) -> None:
    assert main(["models", "list", "--json", "--task", "detection"]) == 0
    source = acme.source("det_big.onnx")
    assert models_of(capsys) == [
        {
            "name": "acme:big",
            "kind": "detector",
            "component": "acme",
            "variant": "big",
            "default": True,
            "task": "detection",
            "model": "acme det_big.onnx",
            "part": "",
            "format": "onnx",
            "languages": [],
            "tier": None,
            "licence": "MIT",
            "homepage": "",
            "size": len(CONTENT),
            "sha256": source.sha256,
            "url": source.url,
            "origin": "missing",
            "path": None,
        }
    ]


def test_a_plugin_that_cannot_list_its_models_hides_no_other(
    acme: FileServer, only_plugin: Register, capsys: Output
) -> None:
    def broken() -> Mapping[str, ModelSpec]:
        raise OSError("no list today")

    def add(registrar: Registrar) -> None:
        registrar.add("detector", "broken", build, models=broken)
        one = {"": ModelSpec("one", "recognition", {"onnx": acme.source()})}
        registrar.add("recognizer", "plain", build, models=lambda: one)

    only_plugin(add)
    assert main(["models", "list", "--json"]) == 0
    captured = capsys.readouterr()
    assert [model["name"] for model in json.loads(captured.out)["models"]] == ["plain"]
    assert "detector 'broken' cannot list its models: OSError: no list today" in captured.err


# pull


def test_pull_prints_where_it_is(acme: FileServer, cache: Path, capsys: Output) -> None:
    assert main(["models", "pull", "acme:small"]) == 0
    path = in_cache(cache, "rec_small.onnx")
    captured = capsys.readouterr()
    assert captured.out == f"{path}\n"
    assert captured.err == "ocrx: downloading rec_small.onnx\n"
    assert path.read_bytes() == CONTENT
    assert main(["models", "pull", "acme:small"]) == 0
    assert capsys.readouterr().err == ""
    assert acme.asked == [""]


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["acme"], ["det_big.onnx", "rec_small.onnx"]),
        (["acme:big"], ["det_big.onnx", "rec_big.onnx"]),
        (["acme:big", "--task", "recognition"], ["rec_big.onnx"]),
        (["acme:small", "acme"], ["rec_small.onnx", "det_big.onnx"]),
        (["rec_big.onnx"], ["rec_big.onnx"]),
        (["--all"], ["det_big.onnx", "rec_small.onnx", "rec_big.onnx"]),
        (["--all", "--task", "detection"], ["det_big.onnx"]),
    ],
)
def test_pull_of_what_is_meant(
    acme: FileServer, capsys: Output, arguments: list[str], files: list[str]
) -> None:
    assert main(["models", "pull", *arguments]) == 0
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == files


@pytest.mark.parametrize("arguments", [[], ["acme", "--all"]])
def test_pull_of_nothing_or_too_much(
    acme: FileServer, capsys: Output, arguments: list[str]
) -> None:
    assert main(["models", "pull", *arguments]) == 2
    assert "ocrx models list" in capsys.readouterr().err
    assert acme.asked == []


def test_pull_of_an_unknown_name(acme: FileServer, capsys: Output) -> None:
    assert main(["models", "pull", "acme:small", "acme:bigg"]) == 2
    error = capsys.readouterr().err
    assert "there is no model 'acme:bigg'" in error
    assert "Did you mean 'acme:big'?" in error
    assert acme.asked == []
    assert main(["models", "pull", "acme:small", "--task", "detection"]) == 2
    assert "'acme:small' for detection" in capsys.readouterr().err


def test_pull_goes_on_after_a_failure(
    server: FileServer, only_plugin: Register, capsys: Output
) -> None:
    good = server.source()
    bad = Source("bad.onnx", url=server.url, sha256="0" * 64)
    models = {
        "bad": ModelSpec("bad", "recognition", {"onnx": bad}),
        "good": ModelSpec("good", "recognition", {"onnx": good}),
    }
    only_plugin(lambda registrar: registrar.add("recognizer", "a", build, models=lambda: models))
    assert main(["models", "pull", "--all"]) == 4
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert captured.out.endswith("weights.onnx\n")
    assert "0" * 64 in captured.err
    assert "Traceback" not in captured.err
    assert main(["models", "pull", "--all", "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["option", "environment"])
def test_pull_offline(
    acme: FileServer, capsys: Output, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "environment":
        monkeypatch.setenv("OCRX_OFFLINE", "1")
    options = ["--offline"] if how == "option" else []
    assert main(["models", "pull", "acme:small", *options]) == 4
    error = capsys.readouterr().err
    assert "ocrx models pull rec_small.onnx" in error
    assert acme.url in error
    assert acme.asked == []


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackageFile:
    """The file of an installed package, which is not the one published."""
    folder = tmp_path / "site" / "carrier"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "weights.onnx").write_bytes(b"newer weights")
    monkeypatch.syspath_prepend(str(folder.parent))
    return PackageFile("carrier", "weights.onnx")


def test_pull_replaces_what_a_package_should_not_hold(
    server: FileServer, only_plugin: Register, cache: Path, carrier: PackageFile, capsys: Output
) -> None:
    source = replace(server.source(), package=carrier)
    models = {"x": ModelSpec("x", "recognition", {"onnx": source})}
    only_plugin(lambda registrar: registrar.add("recognizer", "a", build, models=lambda: models))
    assert main(["models", "path", "a:x"]) == 4
    assert "ocrx models pull weights.onnx" in capsys.readouterr().err
    assert main(["models", "pull", "weights.onnx"]) == 0
    assert main(["models", "path", "a:x"]) == 0
    path = str(in_cache(cache, "weights.onnx"))
    assert capsys.readouterr().out.splitlines() == [path, path]


# path


def test_path_of_what_is_here(acme: FileServer, cache: Path, capsys: Output) -> None:
    assert main(["models", "pull", "acme:big"]) == 0
    capsys.readouterr()
    assert main(["models", "path", "acme:big"]) == 0
    paths = [str(in_cache(cache, f"{name}_big.onnx")) for name in ("det", "rec")]
    assert capsys.readouterr().out.splitlines() == paths
    assert main(["models", "path", "acme:big", "--json", "--task", "recognition"]) == 0
    (model,) = models_of(capsys)
    assert (model["path"], model["origin"]) == (paths[1], "cache")


def test_path_of_what_is_not_here(acme: FileServer, cache: Path, capsys: Output) -> None:
    assert main(["models", "pull", "acme:small"]) == 0
    capsys.readouterr()
    assert main(["models", "path", "acme:small", "acme:big"]) == 4
    captured = capsys.readouterr()
    assert captured.out == f"{in_cache(cache, 'rec_small.onnx')}\n"
    assert "not on this machine: acme:big." in captured.err
    assert captured.err.endswith("Run `ocrx models pull acme:big`.\n")
    assert acme.asked == [""]


def test_path_of_a_damaged_file(acme: FileServer, cache: Path, capsys: Output) -> None:
    assert main(["models", "pull", "acme:small"]) == 0
    in_cache(cache, "rec_small.onnx").write_bytes(b"damaged")
    capsys.readouterr()
    assert main(["models", "path", "acme:small"]) == 4
    assert capsys.readouterr().out == ""


def test_path_of_nothing(capsys: Output) -> None:
    assert main(["models", "path"]) == 2
    assert "ocrx models list" in capsys.readouterr().err


def test_path_of_the_default_model(capsys: Output) -> None:
    """Nothing but what the distribution depends on is needed."""
    assert main(["models", "path", "paddle", "--task", "recognition"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.name == "PP-OCRv6_rec_small.onnx"
    assert path.is_file()


# the rest


def test_the_tasks_are_those_of_the_core() -> None:
    assert get_args(Task) == TASKS


def test_an_unknown_task(capsys: Output) -> None:
    assert main(["models", "list", "--task", "detektion"]) == 2
    assert "Did you mean 'detection'?" in capsys.readouterr().err


def test_no_command_shows_the_help(capsys: Output) -> None:
    main(["models"])
    captured = capsys.readouterr()
    for command in ("list", "pull", "path"):
        assert command in captured.out + captured.err
