"""`ocrx models build` and `clean`: make models ready for a runtime before their first use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from ocrx.conversion import compiled
from ocrx.conversion import kept as converted
from ocrx.errors import BackendMissing, DeviceMissing, OcrxError, UsageError
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import Settings, parse_settings
from ocrx.profiles.applied import apply_profile
from ocrx.profiles.runs import Runs
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import AUTO
from ocrx.reading.options import check_options
from ocrx.system.cpus import available_cpus
from ocrx.weights.records import is_path, record_of
from ocrx.weights.store import Store
from ocrx_cli.shared.catalogue import READ_BY_DEFAULT, Model, chosen, default_models
from ocrx_cli.terminal.console import note, print_error, print_line
from ocrx_cli.terminal.progress import conversion_bar, download_bar


@dataclass(frozen=True)
class BuildArguments:
    """The command line of `ocrx models build`. Without a `model` it means those that `ocrx read`
    uses."""

    model: str | None = None
    backend: str = AUTO
    precision: str = AUTO
    device: str = AUTO
    settings: Sequence[str] = ()
    offline: bool = False


def build_models(arguments: BuildArguments, debug: bool) -> int:
    """Make the models ready and print their paths.

    Returns the exit code: that of the last model that failed, or 0. Raises OcrxError for an error
    that every model would meet.
    """
    options = _options(arguments.settings, arguments.backend)
    meant = _meant(arguments.model) if arguments.model else default_models()
    runtime, runs = _asked(arguments, options)
    failed = 0
    for model in {(each.entry.kind, each.name): each for each in meant}.values():
        try:
            with conversion_bar() as progress:
                assembly = _assembly(options, arguments.offline, progress)
                for path in _built(model, assembly, runtime, runs):
                    print_line(path)
        except (UsageError, BackendMissing, DeviceMissing):
            raise  # the others would meet it too
        except OcrxError as error:  # the others are still wanted
            print_error(f"{model.name} ({model.spec.task}): {error}", error if debug else None)
            failed = error.exit_code
    return failed


def clean() -> None:
    """Remove converted, built and compiled models, and say how much space that freed."""
    store = Store(offline=True)
    note(f"freed {(converted.clean(store) + compiled.clean(store)) / 1e6:.1f} MB")


def _meant(reference: str) -> list[Model]:
    """The models that the reference means: by name, or a compressed one by its path.

    Raises UnknownName for neither, and what reading a record and building its component raises.
    """
    found = record_of(Path(reference).expanduser()) if is_path(reference) else None
    if found is None:
        return chosen([reference])
    kind = cast("Kind", found[0].kind)
    registry = load_plugins()
    network = Assembly(registry, Store(offline=True)).network(kind, reference)
    if network is None:
        return chosen([reference])
    entry = registry.get(kind, found[0].component)
    spec = network.spec
    return [Model(entry, reference, False, spec, *one, spec) for one in spec.artifacts.items()]


def _options(settings: Sequence[str], backend: str) -> Settings:
    """The settings by component. Raises UsageError for one that nothing here would use."""
    options = parse_settings(settings)
    registry = load_plugins()
    backends = registry.names("backend") if backend == AUTO else [backend]
    check_options(options, {"backend": backends, "converter": registry.names("converter")})
    return options


def _asked(arguments: BuildArguments, options: Settings) -> tuple[str, Runs]:
    """The runtime and how networks run: what the user leaves open as a reader would choose it."""
    threads = available_cpus()
    session = SessionOptions(arguments.device, cast("Precision", arguments.precision), None)
    if arguments.model:
        return arguments.backend, Runs.alike(replace(session, threads=threads))
    _, backend, runs = apply_profile(
        "auto",
        READ_BY_DEFAULT["recognizer"],
        READ_BY_DEFAULT["detector"],
        arguments.backend,
        Runs.alike(session),
        version=Assembly(load_plugins(), Store(offline=True)).version,
        free=not options,
    )
    return backend, runs


def _assembly(options: Settings, offline: bool, progress: Progress) -> Assembly:
    store = Store(offline=offline or None, progress=download_bar)
    return Assembly(load_plugins(), store, options, conversion_progress=progress)


def _built(model: Model, assembly: Assembly, backend: str, runs: Runs) -> list[str]:
    """The paths of the model that was made ready, one for each of its networks.

    They are opened too, unless they are for another machine: what cannot run is noticed now.
    """
    session = runs.of(model.entry.kind)
    elsewhere = _is_elsewhere(assembly, backend, session.device)
    runtime = (
        assembly.backend(backend)
        if elsewhere
        else assembly.runtime(model.whole, backend, session.device)
    )
    # These are the options of a reader, so it can use what the runtime compiles and keeps.
    concurrency = (session.threads or 1) if model.entry.kind == "recognizer" else 1
    session = replace(session, concurrency=concurrency)
    paths = []
    for part, spec in model.whole.networks.items():
        calibrate = partial(assembly.calibration, model.entry.kind, model.name, part)
        made = assembly.artifact(spec, runtime, session, calibrate)
        if not elsewhere:
            assembly.open(made, runtime, session).close()
        paths.append(str(made.path))
    return paths


def _is_elsewhere(assembly: Assembly, backend: str, device: str) -> bool:
    """Whether a converter can build for that device although it is not here."""
    if AUTO in (backend, device):
        return False
    takes = assembly.backend(backend).accepts
    makers = [c for c in assembly.converters() if any(edge[2] in takes for edge in c.makes)]
    return any(device in converter.probe().devices for converter in makers)
