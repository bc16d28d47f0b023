"""Saves a run as a JSON file, and loads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ocrx.bench.data.extra import bench_module
from ocrx.bench.figures.result import SCHEMA, Cell, CellResult, Result
from ocrx.errors import InputError, OutputError
from ocrx.output.strings import well_formed
from ocrx.system.files import reading
from ocrx.system.text import printable


def save_result(result: Result, path: Path) -> None:
    """Write the run to a JSON file, with the fields of `Result`. In each of `cells`, the fields of
    its `Cell` stand beside state, reason, remedy and figures.

    Raises OutputError if the file cannot be written; UsageError if the extra `bench` is not
    installed.
    """
    text = json.dumps(to_json(result), indent=1, ensure_ascii=False, allow_nan=False)
    try:
        path.write_text(well_formed(text) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write {printable(str(path))}: {error.strerror or error}",
            "Give --json a file that can be written, on a disk with space.",
        ) from error


def load_result(path: Path) -> Result:
    """The run in a file that `save_result` wrote. Raises InputError for any other file; UsageError
    if the extra `bench` is not installed."""
    name = printable(str(path))
    with reading(name):
        data = path.read_bytes()
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise InputError(f"{name} is not JSON: {error}", _REMEDY) from error
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        raise InputError(f"{name} is not a result of `ocrx matrix` ({SCHEMA})", _REMEDY)
    try:
        return from_json(raw)
    # For data of another shape cattrs raises exception groups, which hold errors of any class.
    except Exception as error:
        raise InputError(f"{name} is damaged: {_first(error)}", _REMEDY) from error


def to_json(result: Result) -> dict[str, Any]:
    """The run as `json.dumps` takes it. Raises UsageError if the extra `bench` is not installed."""
    found: dict[str, Any] = _converter().unstructure(result)
    return found


def from_json(raw: dict[str, Any]) -> Result:
    """The run that `to_json` made `raw` of. For other data, raises whatever cattrs raises."""
    found: Result = _converter().structure(raw, Result)
    return found


_REMEDY = "Give a file that --json has written."


def _converter() -> Any:
    converter = bench_module("cattrs").Converter()
    plain = bench_module("cattrs.gen").make_dict_unstructure_fn(CellResult, converter)

    def flat(one: CellResult) -> dict[str, Any]:
        fields = plain(one)
        return {**fields.pop("cell"), **fields}

    def nested(raw: dict[str, Any], _: type) -> CellResult:
        cell = {name: raw[name] for name in Cell.__dataclass_fields__ if name in raw}
        fields = {k: v for k, v in raw.items() if k not in cell}
        found: CellResult = structure({**fields, "cell": cell}, CellResult)
        return found

    structure = bench_module("cattrs.gen").make_dict_structure_fn(CellResult, converter)
    converter.register_unstructure_hook(CellResult, flat)
    converter.register_structure_hook(CellResult, nested)
    return converter


def _first(error: BaseException) -> str:
    """The first error of an exception group that is not itself a group, in words."""
    while inner := getattr(error, "exceptions", None):
        error = inner[0]
    return f"{type(error).__name__}: {error}"
