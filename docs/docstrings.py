"""What the Python reference makes of docstrings: an extension of griffe, which reads them.

Names that the reference shows become links, and each contract suite lists what its tests check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import griffe

PAGES = Path(__file__).parent / "reference" / "python"

NAME = re.compile(
    r"`(?P<name>[A-Z]\w+)(?:\.(?P<member>[a-z]\w*))?`"
    r"|(?<![`\w.])(?P<word>[A-Z][a-z]+[A-Z]\w*)(?![`\w]|\.\w)"
)
"""A class, or a member of one, in backticks; or, in the prose, a name such as InputError."""

PLAIN = {"class-attribute", "instance-attribute", "module-attribute"}
"""Labels that say nothing to a reader."""

MEANS = re.compile(r"(ABC|NamedTuple|Generic)\b")
"""Base classes that are a means of Python's, and no kind of thing."""


@cache
def shown() -> Mapping[str, str]:
    """What the pages show: full names, by their last part."""
    pages = (page.read_text("utf-8") for page in sorted(PAGES.glob("*.md")))
    names = [name for page in pages for name in re.findall(r"^::: (\S+)", page, re.MULTILINE)]
    return {name.rpartition(".")[2]: name for name in names}


class Docstrings(griffe.Extension):
    """Rewrites what was read of a package before it is shown."""

    def on_object(self, *, obj: griffe.Object, loader: griffe.GriffeLoader, **_: Any) -> None:
        if isinstance(obj, griffe.Attribute) and obj.labels & PLAIN == {"instance-attribute"}:
            obj.value = None  # the name of an argument
        obj.labels -= PLAIN
        if obj.docstring:
            own = obj if obj.is_class else obj.parent
            names = {k: v for k, v in shown().items() if own is None or k != own.name}
            obj.docstring.value = _linked(obj.docstring.value, names, loader)

    def on_class(self, *, cls: griffe.Class, loader: griffe.GriffeLoader, **_: Any) -> None:
        cls.bases = [
            one for one in cls.bases if not re.match(r"(ABC|NamedTuple|Generic)\b", str(one))
        ]
        tests = [name for name in cls.members if name.startswith("test_")]
        if cls.docstring and tests:
            cls.docstring.value += "\n\nIt checks:\n\n" + "\n".join(map(_told, tests))


def _linked(text: str, names: Mapping[str, str], loader: griffe.GriffeLoader) -> str:
    """The docstring with links, but for its blocks of code."""

    def link(match: re.Match[str]) -> str:
        target = names.get(match["name"] or match["word"])
        if target is None:
            return match[0]
        members = loader.modules_collection[target].members
        part = match["member"]
        told = part in members and members[part].has_docstring
        return f"[{match[0]}][{target}.{part}]" if told else f"[{match[0]}][{target}]"

    lines = text.splitlines()
    return "\n".join(one if one.startswith("    ") else NAME.sub(link, one) for one in lines)


def _told(test: str) -> str:
    """The name of a test as an item of a list."""
    words = test.removeprefix("test_").replace("_s_", "'s_").replace("_", " ")
    return f"- {words}"
