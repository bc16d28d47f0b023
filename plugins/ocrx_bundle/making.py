"""Writes a bundle: all of its files, or nothing."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ocrx.errors import OutputError, UsageError
from ocrx.names import Layout
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings
from ocrx.reading.assembly import Assembly
from ocrx.reading.options import check_options
from ocrx.reading.reader import MIN_SCORE
from ocrx.system.checksum import sha256_of
from ocrx.system.files import FULL
from ocrx.system.stopping import ended_in_order
from ocrx.system.text import printable
from ocrx.version import VERSION
from ocrx.weights.store import Store
from ocrx_bundle.memory import workspace
from ocrx_bundle.networks import Packed, Packer
from ocrx_bundle.script import joined
from ocrx_bundle.tables import tables, unchecked
from ocrx_bundle.targets import Target, find_target
from ocrx_bundle.texts import build_script, orin_files, readme
from ocrx_bundle.wanted import Wanted

FORM = 1
"""The version of bundle.json."""


def make(wanted: Wanted) -> list[str]:
    """Write the bundle. Returns what is to be said of how it was made.

    The folder gets its name when it is complete, so that an error or a kill leaves nothing that
    looks like a bundle. Raises UsageError for a folder that has something in it, OutputError for
    one that cannot be written, and what packing a network raises.
    """
    target = find_target(wanted.target)
    target.precision(wanted.precision)
    with ended_in_order(), _new_folder(wanted.folder) as folder:
        if target.form == "ocrx":
            notes = _for_ocrx(wanted, target, folder)
        else:
            notes = _for_script(wanted, target, folder)
        _write_sums(folder)
    return notes


def _assembly(wanted: Wanted) -> Assembly:
    registry, options = load_plugins(), parse_settings(wanted.settings)
    used: dict[Kind, list[str | None]] = {
        "recognizer": [wanted.model.partition(":")[0]],
        "detector": [wanted.detector and wanted.detector.partition(":")[0]],
    }
    check_options(options, used)
    layout: Layout = "auto" if wanted.detector else "line"
    return Assembly(registry, Store(offline=wanted.offline or None), options, layout)


def _packed(wanted: Wanted, target: Target, folder: Path, assembly: Assembly) -> dict[str, Packed]:
    """The networks by task, with their files in the folder."""
    packer = Packer(assembly, target, wanted.precision, folder, wanted.picture)
    found = {"recognition": packer.pack("recognizer", wanted.model)}
    if wanted.detector:
        found["detection"] = packer.pack("detector", wanted.detector)
    return found


def _for_script(wanted: Wanted, target: Target, folder: Path) -> list[str]:
    assembly = _assembly(wanted)
    unchecked_patterns = unchecked(wanted.patterns, assembly)
    packed = _packed(wanted, target, folder, assembly)
    sizes = {task: _file(folder, one).stat().st_size for task, one in packed.items()}
    room = workspace(target, packed, sizes)
    charset = packed["recognition"].about["charset"]
    pattern = tables(wanted.patterns, wanted.charset, charset, assembly)
    bundle = {**_description(wanted, target, packed), "pattern": pattern}
    write(folder / "bundle.json", json.dumps(bundle, ensure_ascii=False))
    write(folder / "read_codes.py", joined(), executable=True)
    if "tensorrt" in target.engines:
        script = build_script(packed, target.precision(wanted.precision), room)
        write(folder / "build_engine.sh", script, executable=True)
    notes = [note for one in packed.values() for note in one.notes]
    notes += [f"the check digits of {name} are not checked there" for name in unchecked_patterns]
    write(folder / "README.md", readme(_name(wanted), target, packed, folder, notes))
    return notes


def _for_ocrx(wanted: Wanted, target: Target, folder: Path) -> list[str]:
    packed = _packed(wanted, target, folder, _assembly(wanted))
    for name, text in orin_files(_name(wanted), wanted, target, packed).items():
        write(folder / name, text, executable=name.endswith(".sh"))
    return [note for one in packed.values() for note in one.notes]


def _description(wanted: Wanted, target: Target, packed: Mapping[str, Packed]) -> dict[str, Any]:
    """bundle.json, by which the program knows what to do."""
    return {
        "form": FORM,
        "made_by": f"ocrx {VERSION}",
        "target": target.name,
        "engines": list(target.engines),
        "networks": {task: one.about for task, one in packed.items()},
        "min_score": MIN_SCORE["auto"],
        # A result's cell has the name that `ocrx bench` gives it for the same models.
        "cell": {"recognizer": wanted.model, "detector": wanted.detector or ""},
    }


def _name(wanted: Wanted) -> str:
    return f"{wanted.detector} + {wanted.model}" if wanted.detector else wanted.model


def _file(folder: Path, packed: Packed) -> Path:
    """The file of the network as it was made here."""
    paths = [folder / str(name) for name in packed.about["files"].values()]
    return next(path for path in paths if path.is_file())


def write(path: Path, text: str, *, executable: bool = False) -> None:
    path.write_bytes(text.encode())
    path.chmod(0o755 if executable else 0o644)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside, which is renamed to `folder` if all goes well, and removed if not."""
    name = printable(str(folder))
    folder = folder.absolute()
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError(f"{name} is not empty", "Give a new folder.")
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{name} is no folder", "Give a new folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
        work.mkdir()
        try:
            yield work
            work.replace(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        elsewhere = error.filename and not Path(error.filename).is_relative_to(folder.parent)
        if elsewhere and error.errno not in FULL:
            raise  # a file that was to be read
        raise OutputError(
            f"cannot write {name}: {error.strerror or error}",
            "Give a folder that can be written, on a disk with room.",
        ) from error


def _write_sums(folder: Path) -> None:
    """SHA256SUMS, as `sha256sum -c` takes it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    write(folder / "SHA256SUMS", "".join(rows))
