"""Files of options, and files that are never half-written."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from ocrx.errors import InputError, OutputError
from ocrx.system.text import printable


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises InputError for one that cannot be read."""
    name = printable(str(path))
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        values: dict[str, Any] = toml.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}", "Check the name.") from error
    except (toml.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is not TOML: {error}", "Correct it.") from error
    return values


def is_whole(value: Any) -> bool:
    """Whether a value of a file is a whole number."""
    return type(value) is int


def is_number(value: Any) -> bool:
    """Whether a value of a file is a number."""
    return type(value) in (int, float)


def is_text(value: Any) -> bool:
    """Whether a value of a file is a text."""
    return isinstance(value, str)


def is_truth(value: Any) -> bool:
    """Whether a value of a file is true or false."""
    return isinstance(value, bool)


def is_table(value: Any) -> bool:
    """Whether a value of a file is a table."""
    return isinstance(value, dict)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file such that at any moment either all of it is there, or what was there before.

    Raises OutputError if it cannot be written; what was there before stays.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"cannot write {printable(str(path))}: {error.strerror or error}",
            "Give a folder that can be written, on a disk with room.",
        ) from error
