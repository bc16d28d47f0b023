"""`ocrx plugins new`: what it writes, and that this works as it was written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocrx.errors import OutputError, UsageError
from ocrx_cli.options.choices import NEW_PLUGINS
from ocrx_cli.work.plugins.new import new_plugin, package

FIRST = {"recognizer": "morse", "page_reader": "seven-segments"}
"""Names of one word and of two; the others are called as their kind."""


def name_of(kind: str) -> str:
    return FIRST.get(kind, f"my-{kind}")


@pytest.mark.parametrize("kind", NEW_PLUGINS)
def test_a_package_is_complete_and_nothing_is_left_to_fill_in(kind: str) -> None:
    files = {str(path): text for path, text in package("hand-written", kind).items()}
    assert set(files) == {
        *(".gitignore", "LICENSE", "README.md", "pyproject.toml", "tests/test_component.py"),
        *(f"src/ocrx_hand_written/{n}" for n in ("__init__.py", "component.py", "options.py")),
        "src/ocrx_hand_written/py.typed",
    }
    assert not [path for path, text in files.items() if "$" in text]
    assert 'hand-written = "ocrx_hand_written"' in files["pyproject.toml"]
    assert f'registry.add("{kind}", "hand-written"' in files["src/ocrx_hand_written/__init__.py"]
    for path in ("src/ocrx_hand_written/component.py", "tests/test_component.py"):
        compile(files[path], path, "exec")


@pytest.mark.parametrize("name", ["", "Big", "9lives", "a b", "a--b", "-a", "ocrx-a", "a/b"])
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot name a plugin"):
        new_plugin(name, "finder", tmp_path)


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is a preprocessor 'otsu' already, of ocrx"):
        new_plugin("otsu", "preprocessor", tmp_path)
    new_plugin("otsu", "finder", tmp_path)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    new_plugin("stamps", "finder", tmp_path)
    (tmp_path / "ocrx-stamps" / "README.md").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        new_plugin("stamps", "finder", tmp_path)
    assert (tmp_path / "ocrx-stamps" / "README.md").read_text() == "mine"


def test_the_command_says_what_to_do_next(ocrx: Callable[..., Any], tmp_path: Path) -> None:
    run = ocrx("plugins", "new", "stamps", "--kind", "finder", "--in", tmp_path)
    assert (run.code, run.err) == (0, "")
    assert f"pip install -e '{tmp_path}/ocrx-stamps[dev]' && pytest" in run.out
    run = ocrx("plugins", "new", "stamps", "--kind", "findr", "--in", tmp_path)
    assert (run.code, run.out) == (2, "")
    assert "Did you mean 'finder'?" in run.err


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package of each kind, and an environment, venv, in which all are
    installed."""
    base = tmp_path_factory.mktemp("new")
    for kind in NEW_PLUGINS:
        new_plugin(name_of(kind), kind, base)
    folder = base / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    lent = sysconfig.get_path("purelib")
    (packages / "lent.pth").write_text(f"import site; site.addsitedir({lent!r})\n")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", *options]
    run(base, *pip, *(str(one) for one in base.glob("ocrx-*")))
    return base


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "OCRX_OFFLINE": "1", "OCRX_STRICT_PLUGINS": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(base: Path) -> str:
    return str(Path(sysconfig.get_path("scripts", "venv", {"base": str(base / "venv")})) / "python")


@pytest.mark.slow
def test_each_is_listed_as_what_it_adds(installed: Path) -> None:
    rows = json.loads(run(installed, python(installed), "-m", "ocrx_cli", "plugins", "--json"))
    found = {(row["kind"], row["name"], row["state"]) for row in rows["plugins"]}
    assert {(kind, name_of(kind), "ok") for kind in NEW_PLUGINS} <= found


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEW_PLUGINS)
def test_its_tests_pass_as_written(installed: Path, kind: str) -> None:
    folder = installed / f"ocrx-{name_of(kind).replace('_', '-')}"
    told = run(folder, python(installed), "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert " passed" in told


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEW_PLUGINS)
def test_its_types_and_style_are_clean(installed: Path, kind: str) -> None:
    folder = installed / f"ocrx-{name_of(kind).replace('_', '-')}"
    run(folder, sys.executable, "-m", "ruff", "check")
    run(folder, python(installed), "-m", "mypy", "--cache-dir", str(installed / "mypy"))
