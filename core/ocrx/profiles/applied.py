"""What a reader takes from the user's profile, if anything."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ocrx.errors import BackendError, InputError
from ocrx.names import Layout
from ocrx.profiles import profile
from ocrx.profiles.profile import REMEDY, Choice
from ocrx.profiles.runs import Runs
from ocrx.system.cpus import available_cpus
from ocrx.system.text import printable

State = Literal["active", "stale", "none", "off"]

log = logging.getLogger("ocrx")


@dataclass(frozen=True)
class Tuned:
    """What the profile at `path` holds for a reader. `state` says what became of it:

    "active": `choice` is used. "stale": a choice exists, but is no longer valid here, for the
    `reason` given. "none": the profile has no choice for such a reader. "off": the profile was not
    consulted, because OCRX_PROFILE is off or the reader was given settings of its own.
    """

    state: State
    path: Path | None = None
    choice: Choice | None = None
    reason: str = ""


def runtime_option(component: str) -> bool:
    """Whether options of that component are options of a runtime or converter."""
    return component.partition(".")[0] in ("backend", "converter")


@contextmanager
def profile_errors(found: Tuned) -> Iterator[None]:
    """A context in which a runtime's BackendError names the profile, if that chose the runtime."""
    try:
        yield
    except BackendError as error:
        if found.state != "active":
            raise
        raise type(error)(f"{error.message}, as the profile {found.path} chose", REMEDY) from error


def apply_profile(
    layout: Layout,
    recognizer: str,
    detector: str,
    backend: str,
    runs: Runs,
    *,
    version: Callable[[str], str],
    free: bool,
) -> tuple[Tuned, str, Runs]:
    """What the profile holds for a reader, the backend, and how its networks run.

    The profile counts only if `backend` and all of `runs` are left open, and `free` says that the
    reader has no other settings of a runtime. Otherwise both are returned as they are. In either
    case the number of threads is filled in. `version` is that of `tuned`.
    """
    found = Tuned("off")
    if free and backend == "auto" and runs.left_open:
        found = tuned(layout, recognizer, detector, version)
    if found.choice and found.state == "active":
        backend, runs = found.choice.backend, found.choice.runs
    return found, backend, runs.with_threads(available_cpus())


def tuned(layout: Layout, recognizer: str, detector: str, version: Callable[[str], str]) -> Tuned:
    """What the user's profile holds for a reader of that layout with those models.

    `version` maps the name of a runtime to its version, "" if it cannot be used. It is called for
    the chosen runtime alone, because it imports it. A stale profile is reported in the log.
    """
    path = profile.profile_path()
    if path is None:
        return Tuned("off")
    try:
        choice = profile.load(path).find(layout, recognizer, detector)
    except InputError:
        return _stale(Tuned("stale", path, None, "it cannot be read"))
    if choice is None:
        return Tuned("none", path)
    now = profile.this_machine({choice.backend: version(choice.backend)})
    changed = profile.changes(choice.machine, now, [choice.backend])
    if changed:
        return _stale(Tuned("stale", path, choice, "; ".join(changed)))
    return Tuned("active", path, choice)


def _stale(found: Tuned) -> Tuned:
    log.warning(
        "ocrx: the profile %s is not used: %s. %s", printable(str(found.path)), found.reason, REMEDY
    )
    return found
