"""Commands that plugins add: what may be one, how it is found, and what a bad one costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.pluginsite import Outcomes, Site

pytestmark = pytest.mark.slow  # it starts the command with all plugins of this file

HOOK = """
import ocrx
@ocrx.hookimpl
def ocrx_register(registry):
    registry.add("command", "{name}", {build})
"""
FUNCTION = """
def greet(name: str, times: int = 1, shout: bool = False) -> None:
    '''Greet somebody.'''
    for _ in range(times):
        print(f"Hello {name}".upper() if shout else f"Hello {name}")
"""
APP = """
import typer

app = typer.Typer()

@app.command()
def first(what: str) -> None:
    '''The first.'''
    print(f"first {what}")

@app.command()
def second(code: int) -> None:
    '''The second.'''
    raise typer.Exit(code)
"""
SINGLE = """
import typer

app = typer.Typer(help="Of one command.")

@app.command()
def only(what: str) -> None:
    '''The only one.'''
    print(f"only {what}")
"""
OPENS = """
import ocrx
from ocrx.errors import WeightsError

def run(how: str) -> None:
    if how == "error":
        raise WeightsError("it is gone", "Get it.")
    if how == "exit":
        raise SystemExit(9)
    raise ValueError("two\\nlines")
"""

PLUGINS = {
    "greets": FUNCTION + HOOK.format(name="greet", build="lambda request: greet"),
    "apps": APP + HOOK.format(name="pair", build="lambda request: app"),
    "single": SINGLE + HOOK.format(name="single", build="lambda request: app"),
    "fails": OPENS + HOOK.format(name="fails", build="lambda request: run"),
    "slow": HOOK.format(name="slow", build="lambda request: __import__('no_such_runtime')"),
    "rubbish": HOOK.format(name="rubbish", build="lambda request: 42"),
    "empty": HOOK.format(name="empty", build="lambda request: __import__('typer').Typer()"),
    "odd": HOOK.format(name="odd", build="lambda request: dict"),
    "dead": "raise RuntimeError('the licence server is down')",
    "clash": HOOK.format(name="read", build="lambda request: print"),
}
ADDED = {
    "empty": "empty",
    "fails": "fails",
    "greet": "greets",
    "odd": "odd",
    "pair": "apps",
    "rubbish": "rubbish",
    "single": "single",
    "slow": "slow",
}


SOUND = [
    (("greet", "Ada", "--times", "2", "--shout"), 0, "HELLO ADA\nHELLO ADA\n"),
    (("pair", "first", "x"), 0, "first x\n"),
    (("pair", "second", "7"), 7, ""),
    (("single", "x"), 0, "only x\n"),
    (("fails", "exit"), 9, ""),
]
"""Command lines, their exit codes, and what they print."""

WRONG = [
    (("greet",), 2, "See `ocrx greet --help`."),
    (("greet", "x", "--times", "y"), 2, "Invalid value for '--times'"),
    (
        ("greets",),
        2,
        "there is no command 'greets'. Did you mean 'greet'? Choose one of: read,",
    ),
    (("dead",), 2, "there is no command 'dead' (its plugin failed: RuntimeError: the licence"),
    (("fails", "error"), 4, "error: it is gone. Get it."),
    (("fails", "bug"), 3, r"the command 'fails' of the plugin 'fails' of fails failed: ValueE"),
    (("slow",), 3, "command 'slow' of plugin 'slow' failed: ModuleNotFoundError: No module na"),
    (("slow", "--help"), 3, "No module named 'no_such_runtime'"),
    (("rubbish",), 3, "made a int in place of the command 'rubbish'"),
    (("empty",), 3, "made a Typer in place of the command 'empty'"),
    (("odd",), 3, "made a type in place of the command 'odd'"),
]
"""Command lines, their exit codes, and a part of their error."""

OTHERS = [("--help",), ("greet", "-h"), ("pair", "--help"), ("plugins",), ("read", "--help")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    for name, source in PLUGINS.items():
        site.install(name, source)
    return site


@pytest.fixture(scope="module")
def outcomes(site: Site) -> Outcomes:
    """What all command lines come to."""
    return site.run_each([*OTHERS, *(one[0] for one in (*SOUND, *WRONG))])


def test_they_are_listed_below_those_of_ocrx_with_their_plugins(outcomes: Outcomes) -> None:
    run = outcomes["--help",]
    assert (run.returncode, run.stderr) == (0, "")
    _, heading, below = run.stdout.partition("\nCommands of plugins:\n")
    assert heading
    rows = [line.split(maxsplit=1) for line in below.splitlines()]
    assert dict(rows) == {
        name: f"Added by the plugin {plugin!r} of {plugin}." for name, plugin in ADDED.items()
    }


def test_none_is_made_for_the_help(site: Site) -> None:
    code = (
        "import sys; from ocrx_cli.app import main; main(['--help'])\n"
        "print([m for m in ('numpy', 'rich', 'ocrx_paddleocr', 'ocrx_torch') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=site.environment,
    )
    assert "slow" in run.stdout
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("arguments", "code", "out"), SOUND)
def test_a_function_or_an_app_is_a_command(
    outcomes: Outcomes, arguments: tuple[str, ...], code: int, out: str
) -> None:
    run = outcomes[arguments]
    assert (run.returncode, run.stdout, run.stderr) == (code, out, "")


def test_its_help_is_like_that_of_any_other(outcomes: Outcomes) -> None:
    run = outcomes["greet", "-h"]
    assert run.stdout.startswith("Usage: ocrx greet ")
    assert "Greet somebody." in run.stdout
    run = outcomes["pair", "--help"]
    assert "Usage: ocrx pair " in run.stdout
    assert "install-completion" not in run.stdout


@pytest.mark.parametrize(("arguments", "code", "told"), WRONG)
def test_what_goes_wrong_is_one_line_that_names_it(
    outcomes: Outcomes, arguments: tuple[str, ...], code: int, told: str
) -> None:
    run = outcomes[arguments]
    assert (run.returncode, run.stdout) == (code, "")
    assert told in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith("ocrx: error: ")


def test_a_name_of_ocrx_itself_is_refused(outcomes: Outcomes) -> None:
    run = outcomes["plugins",]
    (row,) = [line for line in run.stdout.splitlines() if " clash " in line]
    assert row.split()[:5] == ["command", "read", "clash", "1.0", "rejected"]
    assert "already taken by plugin 'cli' of ocrx" in row
    assert outcomes["read", "--help"].stdout.startswith("Usage: ocrx read ")


def test_completion_offers_them_but_for_the_broken(site: Site) -> None:
    asked = {"_OCRX_COMPLETE": "complete_bash", "COMP_WORDS": "ocrx ", "COMP_CWORD": "1"}
    offered = site.run(**asked).stdout.split()
    assert {"read", "greet", "pair", "single"} <= {*offered}
    assert not {"slow", "rubbish", "dead"} & {*offered}
