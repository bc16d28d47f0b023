"""Completion in the shell: the scripts, and what they ask for while someone types."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.artifacts import ModelSpec
from ocrx.plugins.registrar import Registrar, Request
from ocrx_cli.app import main
from ocrx_cli.commands import COMMANDS
from ocrx_cli.completion import join

SHELLS = ("bash", "zsh", "fish")


def build(request: Request) -> object:
    raise AssertionError(request)


@pytest.fixture
def registry(only_plugin: Callable[..., None]) -> None:
    variants = {name: ModelSpec(name, "recognition", {}) for name in ("small", "large")}

    def add(registrar: Registrar) -> None:
        registrar.add("recognizer", "acme", build, models=lambda: variants)
        registrar.add("page_reader", "whole", build)
        registrar.add("detector", "finder", build)
        registrar.add("backend", "runner", build)

    only_plugin(add)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def completed(
    shell: str,
    registry: None,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], list[str]]:
    """What the shell is told for a line that ends where the cursor is."""

    def ask(line: str) -> list[str]:
        with monkeypatch.context() as patch:
            patch.setenv("_OCRX_COMPLETE", f"complete_{shell}")
            patch.setenv("COMP_WORDS", line)
            patch.setenv("COMP_CWORD", str(line.count(" ")))
            patch.setenv("_TYPER_COMPLETE_ARGS", line)
            patch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
            with pytest.raises(SystemExit) as ended:
                main([])
        assert ended.value.code == 0
        return words(capfdbinary.readouterr().out.decode())

    return ask


def words(answer: str) -> list[str]:
    """The words a shell would offer, without its own notation around them."""
    bare = answer.replace("_arguments '*: :((", "").replace("))'", "").replace("\\\\:", ":")
    lines = (line.split("\t")[0] for line in bare.splitlines())
    found = (line.split('":"')[0].strip('"') for line in lines)
    return [word for word in found if word and word != "_files"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ocrx re", ["read"]),
        ("ocrx ", list(COMMANDS)),
        ("ocrx models pu", ["pull"]),
        ("ocrx read --over", ["--overlay"]),
        ("ocrx read -r ", ["acme", "acme:small", "acme:large", "whole"]),
        ("ocrx read --recognizer acme:l", ["acme:large"]),
        ("ocrx read -d f", ["finder"]),
        ("ocrx read -b ", ["runner"]),
        ("ocrx read --detector-backend r", ["runner"]),
        ("ocrx read --format j", ["json", "jsonl"]),
        ("ocrx read --layout ", ["auto", "page", "line"]),
        ("ocrx read ", []),  # the shell's own: files
    ],
)
def test_what_is_offered(
    completed: Callable[[str], list[str]], line: str, expected: list[str]
) -> None:
    assert completed(line) == expected


@pytest.mark.parametrize("name", SHELLS)
def test_the_script_asks_this_program(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "ocrx_cli", "--show-completion", name],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )
    assert "_OCRX_COMPLETE" in run.stdout
    assert f"complete_{name}" in run.stdout


WORDS = st.text("a1.:=", min_size=1, max_size=8).map(lambda text: f"a{text}z")


@given(st.lists(WORDS, min_size=2, max_size=5))
def test_what_bash_takes_apart_is_put_together(words: list[str]) -> None:
    words[0] = "ocrx"
    pieces = [piece for word in words for piece in re.findall(r"[:=]+|[^:=]+", word)]
    joined, current, standing = join(pieces, len(pieces) - 1)
    assert (joined, current) == (words, len(words) - 1)
    assert standing + pieces[-1] == words[-1]


@pytest.mark.parametrize(
    ("pieces", "joined", "standing"),
    [
        (["ocrx", "read", "-r", "paddle", ":"], ["ocrx", "read", "-r", "paddle:"], "paddle:"),
        (["ocrx", "read", "-r", "paddle", ":", ""], ["ocrx", "read", "-r", "paddle:", ""], ""),
        (["ocrx", "--set", "a", "=", "--de"], ["ocrx", "--set", "a=", "--de"], ""),
        (["ocrx", "--backend", "=", "o"], ["ocrx", "--backend=o"], ""),
        (["ocrx", "-r=a:b"], ["ocrx", "-r=a:b"], ""),
        (["ocrx", "-r", "a:b"], ["ocrx", "-r", "a:b"], ""),
    ],
)
def test_the_word_at_the_cursor(pieces: list[str], joined: list[str], standing: str) -> None:
    assert join(pieces, len(pieces) - 1) == (joined, len(joined) - 1, standing)


# Shells as a person has them: Ctrl-G writes what is on the line.
SHELL = {
    "bash": (
        "bash --norc --noprofile -i",
        """source <(ocrx --show-completion bash)
        bind -x '"\\C-g": echo "$READLINE_LINE" > line'
        """,
    ),
    "zsh": (
        "zsh -f -i",
        """autoload -U compinit; compinit -u -D
        source <(ocrx --show-completion zsh)
        show() { print -r -- "$BUFFER" > line }; zle -N show; bindkey "^G" show
        """,
    ),
}


@pytest.fixture
def typed(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], str]]:
    """Types a text and Tab into a real shell; answers with what is then on its line."""
    command, script = SHELL[request.param]
    if shutil.which(request.param) is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"there is no {request.param} here")
    program = tmp_path / "ocrx"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ocrx_cli "$@"\n')
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    here, there = pty.openpty()
    shell = subprocess.Popen(
        command.split(), stdin=there, stdout=there, stderr=there, start_new_session=True
    )
    os.close(there)
    drain = threading.Thread(target=drained, args=[here], daemon=True)
    drain.start()
    os.write(here, f"{script}\necho ready > line\n".encode())
    assert appeared(tmp_path / "line") == "ready"

    def type_in(text: str) -> str:
        os.write(here, f"\x15{text}\t\x07".encode())
        return appeared(tmp_path / "line")

    yield type_in
    shell.kill()
    shell.wait()
    drain.join()
    os.close(here)


def drained(terminal: int) -> None:
    """Reads what the shell shows, so that it never waits for somebody to look."""
    with contextlib.suppress(OSError):  # how Linux says that the other side is closed
        while os.read(terminal, 4096):
            pass


def appeared(path: Path) -> str:
    """What is written to the file, which is then removed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()).endswith("\n"):
            path.unlink()
            return text.rstrip("\n")
        time.sleep(0.02)
    raise AssertionError(f"nothing was written to {path}")


@pytest.mark.slow
@pytest.mark.parametrize("typed", SHELL, indirect=True)
def test_a_real_shell_completes(typed: Callable[[str], str]) -> None:
    assert typed("ocrx read --over") == "ocrx read --overlay "
    assert typed("ocrx read -r paddle:v6-sm") == "ocrx read -r paddle:v6-small "
    assert typed("ocrx models path paddle:v6-sm") == "ocrx models path paddle:v6-small "


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["bash"], indirect=True)
def test_bash_completes_after_an_equals_sign(typed: Callable[[str], str]) -> None:
    assert typed("ocrx read --backend=openv") == "ocrx read --backend=openvino "
    assert typed("ocrx read --recognizer=paddle:v6-sm") == "ocrx read --recognizer=paddle:v6-small "
