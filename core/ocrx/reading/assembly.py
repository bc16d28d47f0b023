"""From names to components: find the plugin, choose a runtime, join model and session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ocrx.artifacts import Artifact, Format, ModelSpec
from ocrx.conversion.routes import Wanted, is_published
from ocrx.conversion.workshop import Calibrate, Workshop, no_progress
from ocrx.errors import (
    BackendError,
    BackendMissing,
    OcrxError,
    PluginError,
    UsageError,
    plugin_errors,
)
from ocrx.interfaces.components import (
    Component,
    Detector,
    Orienter,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.conversion import Calibration, Converter, Progress
from ocrx.interfaces.inspection import Inspector
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.names import Layout
from ocrx.networks.network import Network, NetworkDetector, NetworkOrienter, NetworkRecognizer
from ocrx.networks.sessions import Sessions
from ocrx.plugins.options import make_options
from ocrx.plugins.registrar import Entry, Kind, Request
from ocrx.plugins.registry import Registry
from ocrx.system.suggest import did_you_mean
from ocrx.weights.store import Store

AUTO = "auto"

INTERFACES: dict[Kind, type] = {
    "backend": Backend,
    "converter": Converter,
    "inspector": Inspector,
    "preprocessor": Preprocessor,
    "detector": Detector,
    "orienter": Orienter,
    "recognizer": Recognizer,
    "page_reader": PageReader,
}
_JOINED: dict[Kind, Callable[[Network[Any]], Component]] = {
    "detector": NetworkDetector,
    "orienter": NetworkOrienter,
    "recognizer": NetworkRecognizer,
}


def split_reference(reference: str) -> tuple[str, str]:
    """NAME[:VARIANT] as name and variant ("" if there is none)."""
    name, _, variant = reference.partition(":")
    return name, variant


def is_page_reader(registry: Registry, recognizer: str) -> bool:
    """Whether a recogniser's name means an engine that reads whole pages: none but such has it."""
    name = split_reference(recognizer)[0]
    return not registry.find("recognizer", name) and registry.find("page_reader", name) is not None


def check_options(options: Iterable[str], used: Mapping[Kind, Sequence[str | None]]) -> None:
    """UsageError for options (their keys, KIND or KIND.NAME) that no component would get, or, given
    for a kind of which several are used, perhaps the wrong one. `used` holds references by kind."""
    names = {kind: {split_reference(one)[0] for one in some if one} for kind, some in used.items()}
    by_kind = {str(kind): sorted(f"{kind}.{name}" for name in names[kind]) for kind in names}
    known = {key for kind, keys in by_kind.items() for key in (kind, *keys) if keys}
    for key in options:
        kind = key.partition(".")[0]
        if key in known and (key != kind or len(by_kind[kind]) == 1):
            continue
        if key in known:
            raise UsageError(
                f"options are given for {key!r}, and there are several",
                f"Say for which: {', '.join(by_kind[key])}.",
            )
        raise UsageError(
            f"options are given for {key!r}, which is not used",
            f"{did_you_mean(key, known)}Used here: {', '.join(sorted(known - by_kind.keys()))}.",
        )


@dataclass(frozen=True)
class Assembly:
    """Builds components. `options` maps a component's kind ("detector"), or its kind and name
    ("preprocessor.deskew"), to its options."""

    registry: Registry
    store: Store
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    layout: Layout = "auto"
    report: Progress = no_progress

    def preprocessor(self, reference: str) -> Preprocessor:
        return cast("Preprocessor", self._expect("preprocessor", reference))

    def page_reader(self, reference: str) -> PageReader:
        return cast("PageReader", self._expect("page_reader", reference))

    def component(
        self, kind: Kind, reference: str, backend: str, session: SessionOptions
    ) -> Component:
        """A Detector, Orienter or Recognizer: the plugin's own, or its NetworkModel on `backend`
        ("auto", or a name)."""
        entry, built = self._build(kind, reference)
        if isinstance(built, NetworkModel):
            return self._joined(kind, built, backend, session)
        if not isinstance(built, Component) or not isinstance(built, INTERFACES[kind]):
            raise _rubbish(entry, built)
        if backend != AUTO:
            raise UsageError(
                f"{kind} {entry.name!r} has a runtime of its own and cannot run on {backend!r}",
                f"Leave the {kind}'s backend out.",
            )
        return built

    def backend(self, name: str) -> Backend:
        return cast("Backend", self._expect("backend", name))

    def command(self, name: str) -> object:
        """What a plugin made for a command; the command line knows what that may be."""
        return self._build("command", name)[1]

    def converter(self, name: str) -> Converter:
        return cast("Converter", self._expect("converter", name))

    def inspector(self, form: Format) -> Inspector:
        """What counts networks in files of that format. Raises UsageError, BackendMissing."""
        for name in self.registry.names("inspector"):
            found = cast("Inspector", self._expect("inspector", name))
            if form in found.accepts:
                with plugin_errors(f"the inspector {name!r}"):
                    available = found.probe()
                if available.present:
                    return found
                raise BackendMissing(
                    f"networks in {form} files cannot be counted here ({available.detail})",
                    f"Get what is missing with: {available.remedy}",
                )
        raise UsageError(
            f"nobody here can count a network in a file of the format {form!r}",
            "Give the model as an ONNX file.",
        )

    def _joined(
        self, kind: Kind, model: NetworkModel[Any], backend: str, session: SessionOptions
    ) -> Component:
        runtime = self.runtime(model.spec, backend)
        artifact = self.artifact(model.spec, runtime, session, lambda: calibration_of(model))
        stamp = _stamp(artifact.path)

        def opened(options: SessionOptions) -> Session:
            if _stamp(artifact.path) != stamp:
                raise BackendError(
                    f"{artifact.path} is not the file any more that was opened first",
                    "Open a new reader to use it.",
                )
            return self.open(artifact, runtime, options)

        return _JOINED[kind](Network(model, Sessions(opened, session), runtime.name))

    def open(self, artifact: Artifact, runtime: Backend, session: SessionOptions) -> Session:
        """The artifact on the runtime. Raises what `Backend.open` does, or PluginError."""
        with plugin_errors(f"the runtime {runtime.name!r}"):
            return runtime.open(artifact, session)

    def artifact(
        self,
        spec: ModelSpec,
        runtime: Backend,
        session: SessionOptions,
        calibrate: Calibrate = lambda: None,
    ) -> Artifact:
        """The model as the runtime takes it, fetched and converted if need be."""
        wanted = Wanted(runtime, session.precision, session.device)
        # Making converters imports much that a model published as it is wanted does without.
        converters = [] if is_published(spec, wanted) else self.converters()
        workshop = Workshop(self.store, converters, self.report)
        return workshop.artifact(spec, wanted, calibrate)

    def calibration(self, kind: Kind, reference: str) -> Calibration | None:
        """What a component's network will be fed; None for what is no NetworkModel."""
        model = self.network(kind, reference)
        return None if model is None else calibration_of(model)

    def network(self, kind: Kind, reference: str) -> NetworkModel[Any] | None:
        """The component's NetworkModel; None for an engine that has a runtime of its own."""
        _, built = self._build(kind, reference)
        if isinstance(built, NetworkModel):
            return built
        if isinstance(built, Component):
            built.close()
        return None

    def charset(self, reference: str) -> frozenset[str] | None:
        """The characters that a recogniser can read, None if it does not say. No runtime is opened
        for it, unless the recogniser is one of its own."""
        entry, built = self._build("recognizer", reference)
        if not isinstance(built, NetworkModel | Recognizer):
            raise _rubbish(entry, built)
        if isinstance(built, Component):
            built.close()
        return None if built.charset is None else frozenset("".join(built.charset))

    def runtime(self, spec: ModelSpec, backend: str) -> Backend:
        """The backend of that name, "auto" for the best present one that takes one of the model's
        files as it is. Raises BackendMissing."""
        return self._choose(spec) if backend == AUTO else self._present(backend)

    def converters(self) -> list[Converter]:
        """All there are. One that cannot be made takes itself out; `ocrx converters list` says
        why."""
        found = []
        for name in self.registry.names("converter"):
            with suppress(PluginError):
                found.append(self.converter(name))
        return found

    def version(self, backend: str) -> str:
        """That of a runtime; "" if it is not known or cannot be used here."""
        if self.registry.find("backend", backend) is None:
            return ""
        with suppress(OcrxError):
            available = self._probe(self.backend(backend))
            return available.version if available.present else ""
        return ""

    def _choose(self, spec: ModelSpec) -> Backend:
        """The best present runtime that takes one of the model's files as it is. One that fails
        takes itself out of the choice; `ocrx doctor` says why."""
        backends: list[Backend] = []
        for name in self.registry.names("backend"):
            with suppress(PluginError):
                backends.append(self.backend(name))
        fitting = [b for b in backends if set(b.accepts) & set(spec.artifacts)]
        for runtime in sorted(fitting, key=lambda b: -b.priority):
            with suppress(PluginError):
                if self._probe(runtime).present:
                    return runtime
        raise BackendMissing(
            f"no runtime here can run {spec.name} ({', '.join(spec.artifacts)})",
            "Run `ocrx doctor` to see how to get one.",
        )

    def _present(self, name: str) -> Backend:
        runtime = self.backend(name)
        available = self._probe(runtime)
        if not available.present:
            raise BackendMissing(
                f"the runtime {name!r} cannot be used here ({available.detail or 'not installed'})",
                f"Get it with: {available.remedy}",
            )
        return runtime

    def _probe(self, runtime: Backend) -> Availability:
        with plugin_errors(f"the runtime {runtime.name!r}"):
            return runtime.probe()

    def _expect(self, kind: Kind, reference: str) -> object:
        entry, built = self._build(kind, reference)
        if not isinstance(built, INTERFACES[kind]):
            raise _rubbish(entry, built)
        return built

    def _build(self, kind: Kind, reference: str) -> tuple[Entry, object]:
        name, variant = split_reference(reference)
        entry = self.registry.get(kind, name)
        values = {**self.options.get(kind, {}), **self.options.get(f"{kind}.{name}", {})}
        options: Any = make_options(entry.options, values, f"{kind} {name}")
        request = Request(variant, options, self.store, self.layout)
        with plugin_errors(f"{kind} {name!r} of plugin {entry.plugin!r}"):
            built = entry.build(request)
        if isinstance(built, Component) and not built.thread_safe:
            built.guard = threading.Lock()
        return entry, built


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes when another file takes its place; None if it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def calibration_of(model: NetworkModel[Any]) -> Calibration:
    from ocrx.conversion.calibration import calibration

    return calibration(model)


def _rubbish(entry: Entry, built: object) -> PluginError:
    return PluginError(
        f"plugin {entry.plugin!r} ({entry.distribution}) made a {type(built).__name__} "
        f"where {entry.kind} {entry.name!r} was to be",
        "Report it to the plugin's author, or choose another.",
    )
