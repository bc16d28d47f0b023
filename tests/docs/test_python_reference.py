"""The Python reference shows every public name, and says something of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import griffe
import pytest

import ocrx
import ocrx.interfaces
import ocrx.testing

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "reference" / "python").glob("*.md"))
SHOWN = {
    name: page.stem
    for page in PAGES
    for name in re.findall(r"^::: (\S+)", page.read_text("utf-8"), re.MULTILINE)
}
PUBLIC = ("ocrx.artifacts", "ocrx.errors", "ocrx.names", "ocrx.types")
"""Modules without `__all__`, whose every class, function and type is public."""


@cache
def package() -> griffe.Object:
    found = griffe.load("ocrx", search_paths=[ROOT / "core"], allow_inspection=False)
    assert isinstance(found, griffe.Object)
    return found


def member(name: str) -> griffe.Object:
    found = package()[name.removeprefix("ocrx.")]
    while isinstance(found, griffe.Alias):
        found = found.final_target
    assert isinstance(found, griffe.Object)
    return found


@pytest.mark.parametrize("module", [ocrx, ocrx.interfaces, ocrx.testing])
def test_every_exported_name_is_shown(module: ModuleType) -> None:
    exported = {f"{module.__name__}.{name}" for name in module.__all__}
    assert sorted(exported - SHOWN.keys()) == []


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_type_and_function_is_shown(module: str) -> None:
    shown = {member(name).path for name in SHOWN}
    own = (each for each in package()[module.removeprefix("ocrx.")].members.values())
    public = {
        each.path
        for each in own
        if not each.is_alias
        and not each.name.startswith("_")
        and not each.name.isupper()
        and len(each.name) > 1  # type variables
    }
    assert sorted(public - shown) == []


def test_everything_shown_is_told_of() -> None:
    assert sorted(name for name in SHOWN if not member(name).has_docstring) == []


def test_every_member_of_a_class_is_told_of() -> None:
    """Fields of a dataclass are told in the docstring of the class, beside their types."""
    silent = [
        each.path
        for name in SHOWN
        for owner in [member(name)]
        if isinstance(owner, griffe.Class)
        for each in public_members(owner)
        if not told(owner, each.name)
    ]
    assert silent == []


def public_members(owner: griffe.Class) -> Iterator[griffe.Object | griffe.Alias]:
    for each in owner.members.values():
        field = "dataclass" in owner.labels and each.is_attribute and "property" not in each.labels
        if not (each.name.startswith(("_", "test_")) or field):
            yield each


def told(owner: griffe.Class, name: str) -> bool:
    """Whether the class, or one that it inherits from, says what that member is."""
    return any(
        name in each.members and each.members[name].has_docstring for each in (owner, *owner.mro())
    )


@pytest.mark.slow
def test_the_pages_show_signatures_and_nothing_private(site: Path) -> None:
    pages = {
        page.stem: (site / "reference" / "python" / page.stem / "index.html").read_text("utf-8")
        for page in PAGES
        if page.stem != "index"
    }
    for name, stem in SHOWN.items():
        start = pages[stem].index(f'id="{name}"')
        signed = " doc-signature " in pages[stem][start : pages[stem].find("<h3", start + 1)]
        assert signed or name.endswith("Contract"), f"{name} without a signature"
    private = re.findall(r'id="ocrx[\w.]*\.(_\w+)"', "".join(pages.values()))
    hooks = {"_close", "_compute", "_run"}
    assert set(private) == {"__call__", "__len__", *hooks}, "the hooks of a Session"
