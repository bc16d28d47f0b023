"""Environments of converters, made for real with a package of one line."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ocrx.conversion import environments
from ocrx.conversion.environments import install, remove, run_maker
from ocrx.conversion.workshop import no_progress
from ocrx.errors import BackendError, BackendMissing, WeightsError
from ocrx.interfaces.conversion import COMPLETE, Environment

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


@pytest.mark.slow
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


@pytest.mark.slow
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


def maker(folder: Path, code: str) -> Path:
    """A converter's other half that runs `code`; `tell` writes what ocrx is to hear."""
    path = folder / "maker.py"
    tell = "def tell(**what):\n    print(json.dumps(what), flush=True)\n"
    path.write_text(f"import json, os, sys\n{tell}{code}\n")
    return path


def worked(folder: Path, code: str) -> tuple[str | None, list[tuple[float, str]]]:
    """Why it failed, and what was reported."""
    told: list[tuple[float, str]] = []
    failed = run_maker(
        Path(sys.executable),
        maker(folder, code),
        {"size": [3, 4]},
        lambda fraction, what: told.append((fraction, what)),
    )
    return failed, told


def test_what_a_maker_tells_is_passed_on(tmp_path: Path) -> None:
    code = """
job = json.load(open(sys.argv[1]))
tell(fraction=0.5, what=str(job["size"]))
print("INFO: a library that talks"); print(7)
tell(fraction=1, what="done")
"""
    assert worked(tmp_path, code) == (None, [(0.5, "[3, 4]"), (1.0, "done")])


@pytest.mark.parametrize(
    ("code", "failed"),
    [
        ("tell(failed='no Loop'); sys.exit(1)", "no Loop"),
        ("sys.exit('it is too old')", "it is too old"),
        ("os._exit(9)", "it ended without a word"),
        ("[][1]", "IndexError: list index out of range"),
        ("os.kill(os.getpid(), 9)", "it was ended by SIGKILL; perhaps there was not enough memory"),
    ],
)
def test_why_a_maker_failed_is_known(code: str, failed: str, tmp_path: Path) -> None:
    assert worked(tmp_path, code) == (failed, [])


def test_an_environment_that_is_damaged_is_told_from_a_model_that_does_not_convert(
    tmp_path: Path,
) -> None:
    python = tmp_path / "pebbles-0123456789ab" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    for code in ("import nobody_has_this", "tell(failed='ImportError: libm.so'); sys.exit(1)"):
        with pytest.raises(BackendMissing, match="'pebbles' is damaged") as caught:
            run_maker(python, maker(tmp_path, code), {}, no_progress)
        assert "ocrx converters install pebbles" in caught.value.remedy
    python.unlink()
    python.write_text("no program")
    with pytest.raises(BackendMissing, match="'pebbles' is damaged"):
        run_maker(python, maker(tmp_path, ""), {}, no_progress)


def test_an_interruption_ends_the_maker(tmp_path: Path) -> None:
    def interrupt(fraction: float, what: str) -> None:
        raise KeyboardInterrupt

    code = "tell(fraction=0, what='x'); import time; time.sleep(600)"
    with pytest.raises(KeyboardInterrupt):
        run_maker(Path(sys.executable), maker(tmp_path, code), {}, interrupt)


MAKER = """
import json, sys
job = json.load(open(sys.argv[1]))
print(json.dumps({"fraction": 0.5, "what": job["what"]}), flush=True)
print("words", file=sys.stderr)
print("last words", file=sys.stderr)
if job["failed"]:
    print(json.dumps({"failed": job["failed"]}), flush=True)
sys.exit(job["code"])
"""


@pytest.mark.parametrize(
    ("failed", "code", "why"),
    [("", 0, None), ("not today", 1, "not today"), ("", 3, "last words")],
)
def test_the_other_half_tells_how_far_it_is_and_why_it_fails(
    tmp_path: Path, failed: str, code: int, why: str | None
) -> None:
    program = tmp_path / "maker.py"
    program.write_text(MAKER, "utf-8")
    told: list[tuple[float, str]] = []
    job = {"what": "grüne Äpfel", "failed": failed, "code": code}
    found = run_maker(Path(sys.executable), program, job, lambda *what: told.append(what))
    assert found == why
    assert told == [(0.5, "grüne Äpfel")]


def test_what_stops_the_listener_stops_the_other_half(tmp_path: Path) -> None:
    program = tmp_path / "maker.py"
    waits = MAKER.replace('sys.exit(job["code"])', "import time; time.sleep(60)")
    program.write_text(waits, "utf-8")

    def stop(fraction: float, what: str) -> None:
        raise KeyboardInterrupt

    job = {"what": "", "failed": "", "code": 0}
    with pytest.raises(KeyboardInterrupt):
        run_maker(Path(sys.executable), program, job, stop)
