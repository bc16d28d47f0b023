"""Every command and piece of Python in README.md and the site runs and prints what they say.

- `python` blocks run; those of one page share their names. A `text` block right after one holds
  what it prints.
- `bash` and `console` blocks run; in `console`, lines with `$ ` are commands and the others are
  what they print, on stdout and stderr.
- `...` in what is printed stands for anything, and for any lines, or none, if it stands alone.
- A comment `<!-- not run: REASON -->` right before a block keeps it from running, for REASONS only.
- A block that shows a file (`--8<-- "file"`) is not run here; the file's own tests do that.
- Blocks in the other LANGUAGES are only shown.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ocrx_cli.app import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = ("python", "bash", "console", "text", "toml", "json", "csv", "xml")
REASONS = (
    "it installs",
    "it downloads",
    "it needs what the page installs",
    "it needs your pictures",
    "it needs your account",
    "it needs the service that runs",
)

FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
NOT_RUN = re.compile(r"<!-- not run: (.*?) -->\s*$")
FOR_A_SHELL = set("|<>&;$*'\"")
"""A command with one of these needs a real shell; the others run in this process: it is quick."""


@dataclass(frozen=True)
class Block:
    language: str
    code: str
    line: int
    not_run: str
    prints: str | None

    def steps(self) -> Iterator[tuple[str, str | None]]:
        """Each command with what it prints (None where the page does not say)."""
        if self.language == "bash":
            lines = self.code.replace("\\\n", "").splitlines()
            yield from ((line, None) for line in lines if line and line[0] != "#")
        for part in re.split(r"^\$ ", self.code, flags=re.MULTILINE)[1:]:
            command, _, prints = part.partition("\n")
            yield command, prints


def blocks(text: str) -> list[Block]:
    found = [*FENCE.finditer(text), None]
    return [_block(text, match, after) for match, after in pairwise(found) if match]


def _block(text: str, match: re.Match[str], after: re.Match[str] | None) -> Block:
    indent, language, body = match.groups()
    not_run = NOT_RUN.search(text[: match.start()])
    follows = after and after[2] == "text" and not text[match.end() : after.start()].strip()
    return Block(
        language,
        "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True)),
        text.count("\n", 0, match.start()) + 1,
        not_run[1] if not_run else "",
        after[3] if after and follows else None,
    )


def same(expected: str, found: str) -> bool:
    """Whether `found` is `expected`, whose `...` stand for anything."""
    pattern = "".join(
        r"(?:.*\n)*"
        if line.strip() == "..."
        else ".*".join(map(re.escape, line.split("..."))) + r"\n"
        for line in expected.strip().splitlines()
    )
    tidy = "".join(f"{line.rstrip()}\n" for line in found.strip().splitlines())
    return bool(re.fullmatch(pattern, tidy))


class Runner:
    """Runs the blocks of one page in one folder."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capture = capture
        self.names: dict[str, Any] = {"__name__": "__page__"}

    def run(self, block: Block, where: str) -> None:
        if block.language == "python":
            self.capture.readouterr()
            exec(compile(block.code, where, "exec"), self.names)  # the page's own code
            self._check(block.code, block.prints, self.capture.readouterr().out, where)
        if block.language in ("bash", "console"):
            for command, prints in block.steps():
                self._check(command, prints, self._output(command, where), where)

    def _output(self, command: str, where: str) -> str:
        words = shlex.split(command, comments=True)
        if words[0] == "ocrx" and not FOR_A_SHELL & set(command):
            self.capture.readouterr()
            code = main(words[1:])
            output = "".join(self.capture.readouterr())
        else:
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=120,
                check=False,
            )
            code, output = done.returncode, done.stdout
        assert code == 0, f"{where}: {command}\nended with {code}:\n{output}"
        return output

    @staticmethod
    def _check(code: str, prints: str | None, found: str, where: str) -> None:
        if prints is not None:
            assert same(prints, found), f"{where}: {code}\nprints:\n{found}\nnot:\n{prints}"


@pytest.fixture
def runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Runner:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCRX_OFFLINE", "1")
    monkeypatch.setenv("OCRX_PROFILE", str(tmp_path / "profile.json"))
    scripts = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{scripts}{os.pathsep}{os.environ['PATH']}")
    return Runner(tmp_path, capfd)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_run(page: Path, runner: Runner) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        assert block.language in LANGUAGES, f"{where}: a block in {block.language or 'no language'}"
        assert block.not_run in ("", *REASONS), f"{where}: no reason is {block.not_run!r}"
        if not block.not_run and "--8<--" not in block.code:
            runner.run(block, where)


def test_blocks_are_found_with_what_they_print() -> None:
    text = "a\n```console\n$ ocrx x\none\n$ y\n```\n\n  ```python\n  1\n  ```\n\n```text\n1\n```\n"
    console, python, shown = blocks(f"{text}<!-- not run: it installs -->\n```bash\npip\n```\n")[:3]
    assert list(console.steps()) == [("ocrx x", "one\n"), ("y", "")]
    assert (python.code, python.prints, python.line) == ("1\n", "1\n", 8)
    assert (shown.language, shown.not_run) == ("text", "")
    assert blocks(f"<!-- not run: it installs -->\n{text[2:]}")[0].not_run == "it installs"


@pytest.mark.parametrize(
    ("expected", "found", "is_same"),
    [
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...", "a\n", True),
        ("a\n...", "b\n", False),
        ("took ... ms", "took 12 ms", True),
        ("took ... ms", "took 12\n ms", False),
        ("a.c", "abc", False),
        ("a", "a\nb", False),
    ],
)
def test_dots_stand_for_anything(expected: str, found: str, is_same: bool) -> None:
    assert same(expected, found) is is_same


def test_a_page_that_says_something_else_is_caught(runner: Runner) -> None:
    (block,) = blocks("```console\n$ ocrx --version\nocrx 0.0.0\n```\n")
    with pytest.raises(AssertionError, match=r"prints:\s+ocrx"):
        runner.run(block, "here")


def test_a_command_that_fails_is_caught(runner: Runner) -> None:
    (block,) = blocks("```bash\nocrx no-such-command\n```\n")
    with pytest.raises(AssertionError, match="ended with 2"):
        runner.run(block, "here")
