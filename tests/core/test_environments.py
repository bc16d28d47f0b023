"""Environments of converters, made for real with a package of one line."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ocrx import environments
from ocrx.environments import COMPLETE, Environment, install, remove
from ocrx.errors import BackendError, BackendMissing, WeightsError

HERE = sys.version_info[:2]
NEXT = (HERE[0], HERE[1] + 1)


def wheel(folder: Path, name: str = "pebble", requires: str = "") -> str:
    """The path of a wheel with one module of that name."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{name}.py", "WEIGHT = 3\n")
        made.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"
        )
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")
    return str(path)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    requires = "Requires-Python: >=9\nRequires-Dist: nobody-has-this"
    return Environment("pebbles", (wheel(tmp_path, requires=requires),), HERE, NEXT, 1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Nothing is installed, which takes seconds: a file is made where the interpreter would be.
    Gives the commands."""
    commands: list[list[str]] = []

    def run(command: list[str]) -> None:
        commands.append(command)
        if "venv" in command:
            for name in ("bin/python", "Scripts/python.exe"):
                path = Path(command[-1], name)
                path.parent.mkdir(parents=True)
                path.touch()

    monkeypatch.setattr(environments, "_run", run)
    return commands


def test_it_is_installed_once_used_and_removed(tmp_path: Path, environment: Environment) -> None:
    cache, said = tmp_path / "cache", list[str]()
    assert environment.python(cache) is None
    assert not cache.exists(), "looking leaves no trace"
    python = install(environment, cache, said.append)
    assert python == environment.python(cache)
    code = "import pebble; print(pebble.WEIGHT)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"
    assert str(environment.folder(cache)) in said[0]
    assert len(said) == 2
    install(environment, cache, said.append)
    assert len(said) == 2, "there is nothing to do the second time"
    assert remove(environment, cache)
    assert environment.python(cache) is None
    assert not remove(environment, cache)


def test_other_packages_are_another_environment(tmp_path: Path, environment: Environment) -> None:
    other = replace(environment, requirements=("pebble==2.0",))
    assert other.folder(tmp_path) != environment.folder(tmp_path)
    old = other.folder(tmp_path)
    old.mkdir(parents=True)
    assert remove(environment, tmp_path), "what an earlier version left goes too"
    assert not old.exists()


def test_one_that_was_not_completed_does_not_count(
    tmp_path: Path, environment: Environment, quick: list[list[str]]
) -> None:
    folder = environment.folder(tmp_path)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    assert environment.python(tmp_path) is None
    assert install(environment, tmp_path, lambda _: None).is_file()
    assert len(quick) == 2
    (folder / COMPLETE).unlink()
    assert environment.python(tmp_path) is None


def test_what_pip_says_is_passed_on_and_nothing_stays(
    tmp_path: Path, environment: Environment
) -> None:
    broken = replace(environment, requirements=(str(tmp_path / "gone-1.0-py3-none-any.whl"),))
    with pytest.raises(BackendError, match=r"gone-1\.0") as caught:
        install(broken, tmp_path, lambda _: None)
    assert caught.value.remedy
    assert not broken.folder(tmp_path).exists()


def test_an_interruption_leaves_nothing(
    tmp_path: Path, environment: Environment, quick: list[list[str]]
) -> None:
    def interrupt(what: str) -> None:
        if what.startswith("installing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(environment, tmp_path, interrupt)
    assert len(quick) == 1
    assert not environment.folder(tmp_path).exists()


@pytest.mark.parametrize(
    ("least", "below", "chosen"),
    [
        pytest.param((9, 0), (9, 1), None, id="none fits"),
        pytest.param((3, 0), HERE, Path(sys.executable), id="the one given is too new"),
        pytest.param(HERE, NEXT, Path("no-such-python"), id="the one given is not there"),
    ],
)
def test_without_a_python_that_fits_there_is_a_remedy(
    tmp_path: Path,
    environment: Environment,
    least: tuple[int, int],
    below: tuple[int, int],
    chosen: Path | None,
) -> None:
    with pytest.raises(BackendMissing) as caught:
        install(replace(environment, least=least, below=below), tmp_path, lambda _: None, chosen)
    assert "converters install pebbles --python PATH" in caught.value.remedy
    assert ".".join(map(str, least)) in caught.value.message


def test_pythons_on_the_path_are_tried(
    tmp_path: Path,
    environment: Environment,
    quick: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / f"python{HERE[0]}.{HERE[1]}").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "frozen-program"))
    install(environment, tmp_path, lambda _: None)
    assert Path(quick[0][0]).parent == folder


def test_a_cache_that_cannot_be_written_is_an_error(
    tmp_path: Path, environment: Environment
) -> None:
    cache = tmp_path / "cache"
    cache.touch()
    with pytest.raises(WeightsError, match="cache"):
        install(environment, cache, lambda _: None)
