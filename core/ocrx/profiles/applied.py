"""The part of a profile that a reader uses, if any."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ocrx.errors import BackendError, InputError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Layout
from ocrx.profiles import profile
from ocrx.profiles.profile import REMEDY, Choice
from ocrx.system.cpus import available_cpus
from ocrx.system.text import printable

State = Literal["active", "stale", "none", "off"]

log = logging.getLogger("ocrx")


@dataclass(frozen=True)
class Tuned:
    """`state` says whether a choice of the profile at `path` is used ("active"), is there but not
    valid here any more ("stale", with the `reason`), is not there for such a reader ("none"), or is
    not to be looked for ("off": OCRX_PROFILE=off, or the reader was asked for something)."""

    state: State
    path: Path | None = None
    choice: Choice | None = None
    reason: str = ""


def runtime_option(component: str) -> bool:
    """Whether options for that component ask for something of a runtime."""
    return component.partition(".")[0] in ("backend", "converter")


@contextmanager
def profile_errors(found: Tuned) -> Iterator[None]:
    """What a runtime raises inside, where a profile chose it, says so."""
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
    session: SessionOptions,
    *,
    version: Callable[[str], str],
    free: bool,
) -> tuple[Tuned, str, SessionOptions]:
    """What a reader follows of the profile that is asked for that backend and session, and the
    backend and session it is to run on. `free`: it is asked for nothing else of a runtime."""
    found = Tuned("off")
    if free and {backend, session.device, session.precision} == {"auto"} and not session.threads:
        found = tuned(layout, recognizer, detector, version)
    if found.choice and found.state == "active":
        choice = found.choice
        backend = choice.backend
        session = SessionOptions(choice.device, choice.precision, choice.threads)
    return found, backend, replace(session, threads=session.threads or available_cpus())


def tuned(layout: Layout, recognizer: str, detector: str, version: Callable[[str], str]) -> Tuned:
    """What the user's profile says for such a reader. `version` gives that of a runtime by name, ""
    if it cannot be used: it is asked of the one that was chosen, and no other. What is stale is
    told in the log."""
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
