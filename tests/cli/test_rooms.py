"""The rooms of the command line: who imports whom, lazily too, and where a command's work is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import ocrx_cli
from ocrx_cli.commands import COMMANDS

ROOT = Path(ocrx_cli.__file__).parent
PACKAGE = "ocrx_cli."

# Each room, and the rooms that it may import beside itself.
ROOMS = {
    "asked": {"app"},
    "app": {"commands", "completion", "contributed", "terminal"},
    "__main__": {"app"},
    "contributed": {"commands"},
    "plugin": {"commands"},
    "completion": set[str](),
    "commands": {"options", "work", "terminal"},
    "options": set[str](),
    "work": {"shared", "terminal"},
    "shared": {"terminal"},
    "terminal": set[str](),
}
PARSING = {"app", "commands", "contributed", "options", "plugin"}
"""The rooms that know typer."""

FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
    if path != ROOT / "__init__.py"
}


def imports(name: str, *, lazy: bool = True) -> Iterator[str]:
    """What a module imports, by dotted names; without `lazy` only as it is imported itself."""
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    for node in ast.walk(tree) if lazy else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(name: str, *, lazy: bool = True) -> set[str]:
    """The modules of ocrx_cli among them."""
    named = [one.removeprefix(PACKAGE) for one in imports(name, lazy=lazy) if PACKAGE in one]
    return {one if one in FILES else one.rpartition(".")[0] for one in named}


@pytest.mark.parametrize("name", FILES)
def test_a_room_imports_only_those_below_it(name: str) -> None:
    room = name.partition(".")[0]
    beside = {other.partition(".")[0] for other in own_imports(name)} - {room}
    assert beside <= ROOMS[room]
    if room not in PARSING:
        assert not {one for one in imports(name) if one.partition(".")[0] in ("typer", "click")}


def test_there_is_no_circle() -> None:
    TopologicalSorter({name: own_imports(name) for name in FILES}).prepare()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_work_in_the_module_of_its_name(name: str) -> None:
    command = f"commands.{name}"
    below = {one for one in own_imports(command) if one.startswith("work.")}
    assert any((one + ".").startswith(f"work.{name}.") for one in below)
    assert not {one for one in own_imports(command, lazy=False) if one.startswith("work")}
