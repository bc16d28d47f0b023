"""Completion in the shell: the scripts, and what they ask for while someone types."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx.artifacts import ModelSpec
from ocrx.plugins.registrar import Registrar, Request
from ocrx_cli.app import main
from ocrx_cli.commands import COMMANDS

SHELLS = ("bash", "zsh", "fish")


def build(request: Request) -> object:
    raise AssertionError(request)


@pytest.fixture(autouse=True)
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


def test_bash_itself_completes(tmp_path: Path) -> None:
    """The script, sourced by a real bash, with the program it finds on its path."""
    program = tmp_path / "ocrx"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ocrx_cli "$@"\n')
    program.chmod(0o755)
    script = """
        source <(ocrx --show-completion bash)
        COMP_WORDS=(ocrx read --form); COMP_CWORD=2
        _ocrx_completion ocrx
        echo "${COMPREPLY[@]}"
    """
    run = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
    )
    assert run.stdout.split() == ["--format"]
