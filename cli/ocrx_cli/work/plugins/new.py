"""Writes a package that adds a component to ocrx, from the templates in `ocrx_cli/templates`.

A template is a file whose name ends in .tmpl and whose content is a `string.Template`. The folder
`common` has what every package has, and each kind has a folder for its component, and a kind.json
with its summary, how it is used, and what it depends on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from string import Template

from ocrx.errors import OutputError, UsageError
from ocrx.plugins.registrar import KINDS
from ocrx.plugins.registry import load_plugins
from ocrx.system.text import printable
from ocrx_cli.terminal.console import print_line

TEMPLATES = Path(__file__).parents[2] / "templates"
PREFIX = "ocrx-"
SUFFIX = ".tmpl"
NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")


def new_plugin(name: str, kind: str, folder: Path) -> None:
    """Write the package into a new folder in `folder`, and say what to do next.

    Raises UsageError for a name that cannot be one or is taken, OutputError if the folder exists
    or cannot be written.
    """
    _check(name, kind)
    target = folder / f"{PREFIX}{name.replace('_', '-')}"
    if target.exists():
        raise OutputError(
            f"{printable(str(target))} exists already", "Give another name, or another --in."
        )
    try:
        for path, content in package(name, kind).items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"cannot write {printable(str(target))}: {error.strerror or error}",
            "Give --in a folder that can be written.",
        ) from error
    shown = printable(str(target))
    print_line(f"{shown} adds the {kind.replace('_', ' ')} {name!r}. Install it, and test it:")
    print_line(f"  pip install -e '{shown}[dev]' && pytest {shown}")


def package(name: str, kind: str) -> dict[PurePosixPath, str]:
    """The files of the package, by their paths in it."""
    about = json.loads((TEMPLATES / kind / "kind.json").read_text("utf-8"))
    words = _words(name, kind, about)
    found = {}
    for part in ("common", kind):
        for path in sorted((TEMPLATES / part).rglob(f"*{SUFFIX}")):
            place = _placed(PurePosixPath(path.relative_to(TEMPLATES / part)), words["module"])
            found[place] = Template(path.read_text("utf-8")).substitute(words)
    return found


def _words(name: str, kind: str, about: Mapping[str, object]) -> dict[str, str]:
    """What stands for the names in the templates."""
    parts = re.split("[_-]", name)
    words = {
        "name": name,
        "kind": kind,
        "distribution": f"{PREFIX}{'-'.join(parts)}",
        "module": f"ocrx_{'_'.join(parts)}",
        "Class": "".join(part.capitalize() for part in parts),
        "year": str(date.today().year),
        "summary": str(about["summary"]),
        "dependencies": json.dumps(about["dependencies"])[1:-1],
    }
    return {**words, "use": Template(str(about["use"])).substitute(words)}


def _placed(path: PurePosixPath, module: str) -> PurePosixPath:
    """Where a template's file belongs: the modules of `src` in a package, hidden files by their
    real names."""
    path = path.with_name(path.name.removesuffix(SUFFIX))
    if path.parts[0] == "src":
        return PurePosixPath("src", module, *path.parts[1:])
    return PurePosixPath(".gitignore") if path.name == "gitignore" else path


def _check(name: str, kind: str) -> None:
    if not NAME.fullmatch(name) or name.startswith(PREFIX):
        raise UsageError(
            f"{name!r} cannot name a plugin",
            f"Use lower-case letters, digits, - and _, and leave {PREFIX!r} out.",
        )
    found = next((one for one in KINDS if one == kind), None)
    taken = found and load_plugins().find(found, name)
    if taken:
        raise UsageError(
            f"there is a {kind.replace('_', ' ')} {name!r} already, of {taken.distribution}",
            "Give another name.",
        )
