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

NAME = re.compile(r"`([A-Z]\w+)(?:\.\w+)?`|(?<![`\w.])([A-Z][a-z]+[A-Z]\w*)(?![`\w]|\.\w)")
"""A name in backticks; or, in the prose, one of several words such as InputError."""

PLAIN = {"class-attribute", "instance-attribute", "module-attribute"}
"""Labels that say nothing to a reader."""


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
            lines = obj.docstring.value.splitlines()
            linked = [line if line.startswith("    ") else _linked(line, names) for line in lines]
            obj.docstring.value = "\n".join(linked)

    def on_class(self, *, cls: griffe.Class, loader: griffe.GriffeLoader, **_: Any) -> None:
        cls.bases = [base for base in cls.bases if not re.match(r"ABC$|Generic\b", str(base))]
        tests = [name for name in cls.members if name.startswith("test_")]
        if cls.docstring and tests:
            told = (name.removeprefix("test_").replace("_", " ") for name in tests)
            cls.docstring.value += "\n\nIt checks:\n\n" + "\n".join(f"- {one}" for one in told)


def _linked(line: str, names: Mapping[str, str]) -> str:
    def link(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"[{match[0]}][{names[name]}]" if name in names else match[0]

    return NAME.sub(link, line)
