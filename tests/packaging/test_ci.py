"""CI runs what README.md tells a newcomer to run, and then the slow tests."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def two_commands() -> list[str]:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Two commands\n")[1]
    return re.findall(r"^python3 -m venv .*$", section.split("\n## ")[0], re.MULTILINE)


def test_the_readme_has_two_commands_of_one_line_each() -> None:
    first, second = two_commands()
    sample = first.rpartition(" ")[2]
    assert first.endswith(f"ocrx read {sample}")
    assert (ROOT / sample).is_file()
    assert second.endswith("pytest")


def test_ci_runs_the_second_command_of_the_readme(tmp_path: Path) -> None:
    """With a README and tools that only note what is called."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("ruff", "mypy", "mkdocs", "pytest"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tools / name).chmod(0o755)
    other = "python3 -m venv --help > help.txt && exit 9"
    second = other.replace("exit 9", "echo installed && .venv/bin/pytest")
    (tmp_path / "README.md").write_text(
        f"{other}\n## Two commands\n{other}\n{second}\n## More\n{other}\n"
    )
    done = subprocess.run(
        [tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "installed",
        "ruff check",
        "ruff format --check",
        "mypy",
        "mkdocs build --strict --quiet",
        "installed",
        "pytest",
        "pytest --dist worksteal -m slow and not gpu and not alone",
        "pytest -n 0 -m alone and not gpu",
    ]
    assert done.returncode == 0


def test_ci_fails_where_the_readme_has_no_test_command(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "README.md").write_text("## Two commands\n\nNone.\n")
    done = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no test command in README.md" in done.stderr
