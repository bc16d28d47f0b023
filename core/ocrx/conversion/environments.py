"""Virtual environments for converters whose packages conflict with ours.

Nothing is installed unasked: only `ocrx converters install` calls `install`. An environment is a
folder of the cache, named by the hash of its requirements. It is used only once it is complete.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ocrx.errors import BackendError, BackendMissing
from ocrx.interfaces.conversion import (
    COMPLETE,
    ENVIRONMENTS,
    Environment,
    Version,
    interpreter,
)
from ocrx.system.files import file_lock

if TYPE_CHECKING:
    from ocrx.interfaces.conversion import Progress

OF_THE_ENVIRONMENT = ("ModuleNotFoundError", "ImportError")
"""Errors that show that a package of the environment is missing or damaged."""

Say = Callable[[str], None]


def install(environment: Environment, cache: Path, say: Say, python: Path | None = None) -> Path:
    """Make the environment, unless it exists. Returns the path of its interpreter.

    `python` is the interpreter to make it with; by default the first with a fitting version, of
    our own and those on the PATH. `say` is called with a line about each step. Raises
    BackendMissing if no interpreter fits, BackendError if pip fails, WeightsError if the cache
    cannot be written.
    """
    maker = _fitting(environment, python)
    folder = environment.folder(cache)
    with file_lock(folder):
        there = environment.python(cache)
        if there is not None:
            return there
        shutil.rmtree(folder, ignore_errors=True)
        try:
            say(f"making a virtual environment in {folder}")
            _run([str(maker), "-I", "-m", "venv", str(folder)])
            say(f"installing {len(environment.requirements)} packages")
            _run(
                [
                    str(interpreter(folder)),
                    "-m",
                    "pip",
                    "install",
                    *_OPTIONS,
                    *environment.requirements,
                ]
            )
            (folder / COMPLETE).write_text("\n".join(environment.requirements), "utf-8")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return interpreter(folder)


def remove(environment: Environment, cache: Path) -> bool:
    """Delete the environment and its earlier versions. Returns whether there was one.

    Raises WeightsError if the cache cannot be written.
    """
    folders = sorted((cache / ENVIRONMENTS).glob(f"{environment.name}-????????????"))
    for folder in folders:
        with file_lock(folder):
            # If the rest cannot be deleted, it must not count as complete.
            (folder / COMPLETE).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
    return bool(folders)


def run_maker(
    python: Path, program: Path, job: Mapping[str, Any], progress: Progress
) -> str | None:
    """Run the half of a converter that needs the environment. Returns why it failed, or None.

    The environment's `python` runs `program` with the path of a JSON file that holds the job. The
    program writes JSON objects to stdout, one a line: its progress ("fraction", "what"), or why it
    cannot go on ("failed"). Raises BackendMissing if the environment itself is damaged.
    """
    with (
        tempfile.TemporaryDirectory() as scratch,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
    ):
        path = Path(scratch, "job.json")
        path.write_text(json.dumps(job), "utf-8")
        failed = _follow([str(python), "-I", str(program), str(path)], said, progress)
        if failed == "":
            said.seek(0)
            failed = (said.read().strip().splitlines() or ["it ended without a word"])[-1]
    if failed and failed.startswith(OF_THE_ENVIRONMENT):
        raise _damaged(python, failed)
    return failed


def _follow(command: list[str], said: IO[str], progress: Progress) -> str | None:
    """Run the command and pass its progress on. Returns why it failed, or None.

    The reason is "" if the command gave none: it is then the last line of `said`, its stderr.
    """
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, encoding="utf-8"
        )
    except OSError as error:
        raise _damaged(Path(command[0]), str(error)) from error
    failed = ""
    with process:
        try:
            for line in process.stdout or ():
                told = _object(line)
                failed = told.get("failed", failed)
                if "fraction" in told:
                    progress(float(told["fraction"]), told["what"])
        except BaseException:
            process.kill()
            raise
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        return f"it was ended by {name}; perhaps there was not enough memory"
    return failed if process.returncode else None


def _object(line: str) -> dict[str, Any]:
    """The JSON object in a line; an empty one for a line that some library has printed."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _damaged(python: Path, why: str) -> BackendMissing:
    name = python.parents[1].name.rpartition("-")[0]
    return BackendMissing(
        f"the environment of the converter {name!r} is damaged ({why})",
        f"Make it anew: `ocrx converters remove {name} && ocrx converters install {name}`.",
    )


_OPTIONS = (
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-deps",  # the requirements name and pin every package
    "--ignore-requires-python",  # the bounds of the environment are tested, those of packages not
    "--only-binary=:all:",
)


def _fitting(environment: Environment, chosen: Path | None) -> Path:
    """An interpreter whose version fits: `chosen`, or the first that is found."""
    for candidate in [chosen] if chosen else _candidates(environment):
        version = _version(candidate)
        if version is not None and environment.least <= version < environment.below:
            return candidate
    bounds = f"Python {_dotted(environment.least)} or newer, below {_dotted(environment.below)}"
    raise BackendMissing(
        f"{environment.name} needs {bounds}"
        + (f", and {chosen} is not that" if chosen else ", and there is none here"),
        f"Install one and run `ocrx converters install {environment.name} --python PATH`.",
    )


def _candidates(environment: Environment) -> Iterator[Path]:
    yield Path(sys.executable)
    (major, first), (_, end) = environment.least, environment.below
    for minor in range(first, end):
        found = shutil.which(f"python{major}.{minor}")
        if found:
            yield Path(found)


def _version(python: Path) -> Version | None:
    """The interpreter's version; None if it does not run."""
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
        major, minor = map(int, done.stdout.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return major, minor


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BackendError(f"{command[0]} does not run: {error}", "Check that Python.") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BackendError(
            f"installing failed: {said[-1].rstrip('.') if said else done.returncode}",
            "Check the connection to the package index and the room on the disk, and try again.",
        )
