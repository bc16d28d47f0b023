"""The profile: what `ocrx tune` found best on this machine, for readers with default settings.

A profile is one small JSON file of the user's. For lines, for pages, or for both it gives the
runtime, precision and number of threads to use with certain models, and the machine and versions
on which they were measured. A choice is used as a whole or not at all. It is ignored if a reader
is given a backend, device, precision or number of threads, or runs other models. On another
machine or with other versions it is reported as out of date, and ignored too.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from ocrx.errors import InputError, OutputError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import PRECISIONS, Layout, Precision
from ocrx.profiles.runs import Runs, overridden
from ocrx.system.cpus import available_cpus
from ocrx.system.text import printable
from ocrx.version import VERSION

VARIABLE = "OCRX_PROFILE"
"""The environment variable that holds "off" for no profile at all, or the path of another one."""

OFF = ("off", "0", "none", "no", "false")
SCHEMA = "ocrx-profile/1"
REMEDY = "Run `ocrx tune` again, or `ocrx tune --reset`."

TunedLayout: TypeAlias = Literal["line", "page"]


@dataclass(frozen=True)
class Machine:
    """What a choice was measured on. `runtimes` maps installed runtimes to their versions."""

    system: str
    cpu: str
    cores: int
    ocrx: str
    runtimes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What to use for one layout with these models, and for people to read, how it was found.

    It holds for any decoder; `decoder` is the one that it was measured with, if one was asked for.
    `ms` is the median time of a picture in milliseconds, `characters` the character accuracy in
    percent. `reference_ms` and `reference_characters` are those of the reference, the runtime in
    fp32 that all candidates were compared with. `detector_precision` is "" if the detector runs in
    the same precision as the recogniser.
    """

    layout: TunedLayout
    recognizer: str
    detector: str
    backend: str
    precision: Precision
    threads: int
    device: str
    machine: Machine
    created: str = ""
    dataset: str = ""
    reference: str = ""
    ms: float = 0.0
    reference_ms: float = 0.0
    characters: float = 0.0
    reference_characters: float = 0.0
    decoder: str = ""
    detector_precision: Precision | Literal[""] = ""

    def fits(self, layout: Layout, recognizer: str, detector: str) -> bool:
        """Whether it was measured with these models, on lines for the layout "line", else on pages.

        The layout "line" has no detector to compare.
        """
        if (layout == "line") != (self.layout == "line") or recognizer != self.recognizer:
            return False
        return layout == "line" or detector == self.detector

    @property
    def told(self) -> str:
        """It in words: "RUNTIME bf16 on cpu with 2 threads"."""
        threads = f"{self.threads} {'thread' if self.threads == 1 else 'threads'}"
        detector = f" (detector {self.detector_precision})" if self.detector_precision else ""
        return f"{self.backend} {self.precision}{detector} on {self.device} with {threads}"

    @property
    def runs(self) -> Runs:
        """How the networks run."""
        others = SessionOptions(self.device, self.precision, self.threads)
        return Runs(others, overridden(others, None, self.detector_precision or None, None))


@dataclass(frozen=True)
class Profile:
    """The choices in a file, at most one for each layout and models."""

    path: Path
    choices: tuple[Choice, ...] = ()

    def find(self, layout: Layout, recognizer: str, detector: str) -> Choice | None:
        return next((c for c in self.choices if c.fits(layout, recognizer, detector)), None)

    def put(self, choice: Choice) -> Profile:
        """A copy with that choice in place of the one for the same layout and models."""
        kept = [c for c in self.choices if not c.fits(choice.layout, *_models(choice))]
        return replace(self, choices=(*kept, choice))


def _models(choice: Choice) -> tuple[str, str]:
    return choice.recognizer, choice.detector


def profile_path() -> Path | None:
    """The path of the user's profile, which need not exist; None if OCRX_PROFILE is off."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() in OFF:
        return None
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_config_path

    return user_config_path("ocrx", appauthor=False) / "profile.json"


def load(path: Path) -> Profile:
    """The profile in the file; an empty one if the file does not exist.

    Raises InputError if the file cannot be read or is damaged.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Profile(path)
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, str(error)) from error
    try:
        read = json.loads(text)
        if read["schema"] != SCHEMA:
            raise _damaged(path, f"it is written as {read['schema']!r}, not {SCHEMA!r}")
        return Profile(path, tuple(_choice(one) for one in read["choices"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def save(profile: Profile) -> None:
    """Write the profile to its file in one step: another process reads the old one or the new one.

    Raises OutputError if it cannot be written.
    """
    content = {"schema": SCHEMA, "choices": [asdict(choice) for choice in profile.choices]}
    path = profile.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(scratch).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(scratch).unlink()
            raise
    except OSError as error:
        raise OutputError(
            f"the profile cannot be written to {printable(str(path))}: {error.strerror or error}",
            f"Make it writable, or set {VARIABLE} to another file.",
        ) from error


def reset(path: Path) -> bool:
    """Remove the profile. Returns whether there was one. Raises OutputError if it cannot go."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise OutputError(
            f"{printable(str(path))} cannot be removed: {error.strerror or error}",
            "Remove it by hand.",
        ) from error
    return True


def this_machine(runtimes: Mapping[str, str]) -> Machine:
    """This machine. `runtimes` maps the installed runtimes to their versions."""
    from ocrx.system.processor import processor

    system = f"{platform.system()} {platform.machine()}"
    return Machine(system, processor().name, available_cpus(), VERSION, dict(runtimes))


def changes(then: Machine, now: Machine, only: Sequence[str] | None = None) -> list[str]:
    """What has changed between two states of a machine, as phrases like "ocrx is 1.1, it was 1.0".

    `only` names the runtimes to compare, None for all.
    """
    found = [
        f"{what} is {after}, it was {before}"
        for what, before, after in (
            ("the system", then.system, now.system),
            ("the processor", then.cpu, now.cpu),
            ("the number of cores", then.cores, now.cores),
            ("ocrx", then.ocrx, now.ocrx),
        )
        if before != after
    ]
    for name in sorted({*then.runtimes, *now.runtimes} if only is None else only):
        before, after = then.runtimes.get(name, ""), now.runtimes.get(name, "")
        if not after:
            found.append(f"{name} is no longer installed") if before else None
        elif not before:
            found.append(f"{name} is newly installed")
        elif before != after:
            found.append(f"{name} is {after}, it was {before}")
    return found


def _choice(read: Mapping[str, Any]) -> Choice:
    machine = read["machine"]
    choice = Choice(**{**read, "machine": Machine(**machine)})
    if choice.layout not in get_args(TunedLayout) or choice.precision not in PRECISIONS:
        raise ValueError(f"{choice.layout} in {choice.precision} is not a valid choice")
    if choice.detector_precision not in ("", *PRECISIONS):
        raise ValueError(f"a detector in {choice.detector_precision} is not a valid choice")
    if not isinstance(choice.threads, int) or choice.threads < 1:
        raise ValueError(f"{choice.threads} is not a valid number of threads")
    return choice


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"the profile {printable(str(path))} cannot be read ({why})", REMEDY)
