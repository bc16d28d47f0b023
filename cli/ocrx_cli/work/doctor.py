"""The work of `ocrx doctor`: find out what is installed and what is missing."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

from ocrx.artifacts import ModelSpec
from ocrx.errors import BackendError, InputError, OcrxError
from ocrx.interfaces.runtimes import Availability
from ocrx.plugins.registrar import Entry
from ocrx.plugins.registry import Registry, load_plugins
from ocrx.profiles import profile
from ocrx.reading.assembly import Assembly
from ocrx.system.cpus import available_cpus
from ocrx.system.processor import named_devices, processor
from ocrx.version import VERSION
from ocrx.weights.store import Store, default_cache_dir
from ocrx_cli.terminal.console import print_json, print_line, print_table
from ocrx_cli.work.plugins.listing import Row, rows_of

Section: TypeAlias = tuple[str, list[list[str]]]

PACKAGES = ("numpy", "opencv-python-headless", "opencv-python", "pillow", "pypdfium2", "rapidocr")
VARIABLES = ("OCRX_CACHE_DIR", "OCRX_OFFLINE", "OCRX_PROFILE", "OCRX_STRICT_PLUGINS")


@dataclass(frozen=True)
class System:
    ocrx: str
    python: str
    executable: str
    platform: str
    processor: str
    cores: int
    flags: tuple[str, ...]
    packages: dict[str, str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Runtime:
    """A backend. `remedy` is the command that installs it, `detail` says why it cannot be used, and
    `names` is what the makers call its devices."""

    name: str
    present: bool
    version: str
    devices: tuple[str, ...]
    remedy: str
    detail: str
    names: dict[str, str]


@dataclass(frozen=True)
class Cache:
    """Where downloads are kept; `size` in bytes."""

    folder: str
    size: int
    writable: bool


@dataclass(frozen=True)
class Model:
    """Weights that are on this machine. `origin` says where from: path, package or cache."""

    kind: str
    name: str
    file: str
    origin: str
    path: str


@dataclass(frozen=True)
class Kept:
    """What a profile chose for one layout. `changed` lists what has changed since `created`.

    Readers follow the choice only if nothing that concerns them has changed.
    """

    layout: str
    models: str
    choice: str
    created: str
    changed: list[str]


@dataclass(frozen=True)
class ProfileState:
    """The user's profile. `file` is None if OCRX_PROFILE switches it off. `error` says why the file
    cannot be read."""

    file: str | None
    choices: list[Kept]
    error: str = ""


@dataclass(frozen=True)
class Diagnosis:
    system: System
    backends: list[Runtime]
    failed_plugins: list[Row]
    models: list[Model]
    models_missing: int
    cache: Cache
    profile: ProfileState

    @property
    def ready(self) -> bool:
        """Whether anything can be read."""
        return any(runtime.present for runtime in self.backends)

    def sections(self) -> Iterator[Section]:
        """Titles and rows, for people."""
        yield "System", _system_rows(self.system)
        yield "Runtimes", [_runtime_row(runtime) for runtime in self.backends]
        failed = [
            [f"{r.kind} {r.name}", r.distribution, r.state, r.error] for r in self.failed_plugins
        ]
        yield "Plugins that failed", failed or [["none"]]
        here = [[m.kind, m.name, m.origin, m.path] for m in self.models]
        yield f"Models here ({self.models_missing} more to pull)", here or [["none"]]
        size = f"{self.cache.size / 1e6:.1f} MB"
        state = "writable" if self.cache.writable else "cannot be written: set OCRX_CACHE_DIR"
        yield "Cache", [[self.cache.folder, size, state]]
        yield "Profile", _profile_rows(self.profile)


def print_diagnosis(as_json: bool) -> int:
    """Print what was found. Returns the exit code: that of BackendError if no runtime works."""
    found = diagnose()
    if as_json:
        print_json({"ready": found.ready, **asdict(found)})
    else:
        for title, rows in found.sections():
            print_line(title)
            print_table([["", *row] for row in rows])
            print_line("")
        print_line("Ready to read." if found.ready else "Not ready: no runtime can be used.")
    return 0 if found.ready else BackendError.exit_code


def diagnose() -> Diagnosis:
    """Look at everything. Nothing is downloaded or changed."""
    registry = load_plugins()
    store = Store(offline=True)
    models, missing = _models(registry, store)
    rows = [row for record in registry.plugins for row in rows_of(record)]
    runtimes = [_runtime(name, Assembly(registry, store)) for name in registry.names("backend")]
    return Diagnosis(
        _system(),
        runtimes,
        [row for row in rows if row.error],
        models,
        missing,
        _cache(default_cache_dir()),
        _profile({one.name: one.version for one in runtimes if one.present}),
    )


def _system() -> System:
    cpu = processor()
    return System(
        ocrx=VERSION,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        executable=sys.executable,
        platform=platform.platform(),
        processor=cpu.name,
        cores=available_cpus(),
        flags=cpu.flags,
        packages={name: found for name in PACKAGES if (found := _version(name))},
        environment={name: os.environ[name] for name in VARIABLES if name in os.environ},
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _runtime(name: str, assembly: Assembly) -> Runtime:
    try:
        found = assembly.available(assembly.backend(name))
    except OcrxError as error:
        found = Availability(False, detail=error.message, remedy=error.remedy)
    # A plugin's code runs here. If it fails, the others are still looked at.
    except Exception as error:
        found = Availability(False, detail=f"{type(error).__name__}: {error}")
    return Runtime(
        name,
        found.present,
        found.version,
        tuple(found.devices),
        found.remedy,
        found.detail,
        dict(found.names),
    )


def _models(registry: Registry, store: Store) -> tuple[list[Model], int]:
    """The models that are here, and how many are not."""
    here, missing = [], 0
    for entry in registry.entries():
        for variant, spec in _specs(entry).items():
            name = f"{entry.name}:{variant}" if variant else entry.name
            sources = [one for n in spec.networks.values() for one in n.artifacts.values()]
            for source in sources:
                at = store.locate(source)
                if at.origin == "missing":
                    missing += 1
                else:
                    here.append(Model(entry.kind, name, source.filename, at.origin, str(at.path)))
    return here, missing


def _specs(entry: Entry) -> dict[str, ModelSpec]:
    try:
        return dict(entry.models())
    # A plugin's code runs here. `ocrx models list` shows its error.
    except Exception:
        return {}


def _profile(runtimes: dict[str, str]) -> ProfileState:
    path = profile.profile_path()
    if path is None:
        return ProfileState(None, [])
    try:
        kept = profile.load(path)
    except InputError as error:
        return ProfileState(str(path), [], f"{error.message}. {error.remedy}")
    now = profile.this_machine(runtimes)
    return ProfileState(str(path), [_kept(one, now) for one in kept.choices])


def _kept(choice: profile.Choice, now: profile.Machine) -> Kept:
    models = ", ".join(name for name in (choice.detector, choice.recognizer) if name)
    changed = profile.changes(choice.machine, now)
    return Kept(choice.layout, models, choice.told, choice.created, changed)


def _profile_rows(found: ProfileState) -> list[list[str]]:
    if found.file is None:
        return [[f"switched off by {profile.VARIABLE}"]]
    if found.error:
        return [["not used", found.error]]
    if not found.choices:
        return [["none: `ocrx tune` finds out what is fastest here"]]
    rows = [["in", found.file]]
    for one in found.choices:
        rows.append([one.layout, f"{one.models}: {one.choice}, since {one.created}"])
        if one.changed:
            rows.append(["", f"{'; '.join(one.changed)}: run `ocrx tune` again"])
    return rows


def _cache(folder: Path) -> Cache:
    files = (path for path in folder.rglob("*") if path.is_file())
    return Cache(str(folder), sum(path.stat().st_size for path in files), _writable(folder))


def _writable(folder: Path) -> bool:
    """Whether a file can be made in the folder, or in the nearest parent that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _system_rows(system: System) -> list[list[str]]:
    return [
        ["ocrx", system.ocrx],
        ["Python", f"{system.python}  {system.executable}"],
        ["platform", system.platform],
        ["processor", f"{system.processor}, {system.cores} cores"],
        ["instructions", ", ".join(system.flags) or "unknown"],
        *([name, found] for name, found in system.packages.items()),
        *([name, value] for name, value in system.environment.items()),
    ]


def _runtime_row(runtime: Runtime) -> list[str]:
    if runtime.present:
        devices = ", ".join(named_devices(runtime.devices, runtime.names))
        return [runtime.name, "ok", runtime.version, devices, runtime.detail]
    return [runtime.name, "missing", runtime.version, runtime.remedy, runtime.detail]
