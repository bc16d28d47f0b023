"""The command itself: help, version, errors in one line, exit codes, quick to start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import typer

from ocrx.errors import OutputError, WeightsError
from ocrx.version import VERSION
from ocrx_cli.app import BUG, app
from ocrx_cli.commands import COMMANDS

Runner = Callable[..., Any]


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_command(ocrx: Runner, arguments: tuple[str, ...]) -> None:
    run = ocrx(*arguments)
    assert run.code == 0
    assert run.err == ""
    assert run.out.startswith("Usage: ocrx ")
    for name, text in COMMANDS.items():
        assert f"  {name}" in run.out
        assert text in run.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_the_first_line_of_the_long_one(ocrx: Runner, name: str) -> None:
    run = ocrx(name, "--help")
    assert run.code == 0
    assert run.out.startswith(f"Usage: ocrx {name} ")
    assert COMMANDS[name] in run.out


def test_version(ocrx: Runner) -> None:
    assert ocrx("--version").out == f"ocrx {VERSION}\n"
    assert json.loads(ocrx("--version", "--json").out) == {"version": VERSION}


def test_json_before_the_command_is_refused(ocrx: Runner) -> None:
    run = ocrx("--json", "plugins")
    assert (run.code, run.out) == (2, "")
    assert "ocrx plugins --json" in run.err


def test_an_unknown_command_gets_a_suggestion(ocrx: Runner) -> None:
    run = ocrx("raed", "x.png")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "ocrx: error: there is no command 'raed'. Did you mean 'read'? Choose one of: "
        f"{', '.join(COMMANDS)}.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--nope",), "No such option: --nope"),
        (("read", "x", "--thread", "2"), "--threads"),
        (("read",), "Missing argument 'SOURCES...'"),
        (("read", "x", "--threads", "0"), "'--threads'"),
        (("read", "x", "--min-score", "2"), "'--min-score'"),
        (("read", "x", "--layout", "paage"), "Did you mean 'page'?"),
        (("read", "x", "--precision", "fp31"), "not one of auto, fp32, bf16, fp16, int8"),
    ],
)
def test_wrong_usage_is_one_line(ocrx: Runner, arguments: tuple[str, ...], says: str) -> None:
    run = ocrx(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("ocrx: error: ")
    assert run.err.count("\n") == 1
    assert says in run.err
    assert re.search(r"[.?] See `ocrx.* --help`\.$", run.err)


def test_a_group_without_its_command_shows_its_help(ocrx: Runner) -> None:
    run = ocrx("models")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("Usage: ocrx models ")


class Command:
    """Stands in for `ocrx plugins` and raises."""

    def __init__(self, error: BaseException) -> None:
        self.app = typer.Typer()
        self.app.command()(self.run)
        self.error = error

    def run(self, debug: bool = False) -> None:
        raise self.error


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    def replace(error: BaseException) -> None:
        monkeypatch.setattr("ocrx_cli.commands.import_module", lambda name: Command(error))

    return replace


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (WeightsError("it is gone", "Get it."), 4, "it is gone. Get it."),
        (OutputError("it is full", "Empty it."), 6, "it is full. Empty it."),
        (WeightsError("two\nlines\x1b[2J", ""), 4, r"two\nlines\x1b[2J"),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(
    ocrx: Runner, failing: Any, error: Exception, code: int, line: str
) -> None:
    failing(error)
    run = ocrx("plugins")
    assert (run.code, run.out, run.err) == (code, "", f"ocrx: error: {line}\n")


def test_a_bug_is_one_line_too_and_asks_for_debug(ocrx: Runner, failing: Any) -> None:
    failing(ZeroDivisionError("oops"))
    run = ocrx("plugins")
    assert run.code == BUG
    assert run.err.count("\n") == 1
    assert "ZeroDivisionError: oops" in run.err
    assert "--debug" in run.err


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), WeightsError("oops", "")])
def test_debug_shows_the_traceback(ocrx: Runner, failing: Any, error: Exception) -> None:
    failing(error)
    run = ocrx("plugins", "--debug")
    assert run.code == (BUG if isinstance(error, ZeroDivisionError) else 4)
    assert "Traceback (most recent call last)" in run.err
    assert "raise self.error" in run.err
    assert run.err.splitlines()[-1].startswith("ocrx: error: ")


def test_ctrl_c_ends_a_command_with_130(ocrx: Runner, failing: Any) -> None:
    failing(KeyboardInterrupt())
    run = ocrx("plugins")
    assert (run.code, run.out) == (130, "")
    assert "Traceback" not in run.err


HELP = """
import sys
from ocrx_cli.app import main
heavy = ("numpy", "cv2", "PIL", "rich", "openvino")
main(["--help"])
found = {"": [m for m in (*heavy, "ocrx_cli.commands.read") if m in sys.modules]}
for name in sys.argv[1:]:
    main([name, "--help"])
    found[name] = [m for m in heavy if m in sys.modules]
print({name: modules for name, modules in found.items() if modules})
"""


def test_help_imports_nothing_heavy() -> None:
    """Neither that of all commands, nor that of any of them."""
    command = [sys.executable, "-c", HELP, *COMMANDS]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage: ocrx doctor " in run.stdout
    assert run.stdout.splitlines()[-1] == "{}"


def test_no_stdout_is_no_crash() -> None:
    run = subprocess.run(f"{sys.executable} -m ocrx_cli plugins >&- 2>&-", shell=True, check=False)
    assert run.returncode == 0


def test_the_app_is_what_the_reference_is_written_from() -> None:
    command: Any = typer.main.get_command(app)
    context = command.make_context("ocrx", [], resilient_parsing=True)
    for name in command.list_commands(context):
        assert command.get_command(context, name).name == name
    assert command.get_command(context, "nothing") is None
