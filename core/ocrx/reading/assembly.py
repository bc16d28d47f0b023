"""Builds components by name: finds the plugin, chooses a runtime, joins model and session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

from ocrx.artifacts import Artifact, Format, ModelSpec
from ocrx.conversion.kept import hash_of
from ocrx.conversion.routes import leads, takers, wanted_by
from ocrx.conversion.workshop import Calibrate, Workshop, no_progress
from ocrx.errors import BackendMissing, OcrxError, PluginError, UsageError, plugin_errors
from ocrx.interfaces.components import (
    Component,
    Finder,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.conversion import Calibration, Converter, Progress
from ocrx.interfaces.decoding import Decoder
from ocrx.interfaces.faults import fault_of_session
from ocrx.interfaces.inspection import Inspector
from ocrx.interfaces.networks import CtcModel, MapModel, NetworkModel, Run
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.interfaces.writing import Writer
from ocrx.names import Layout
from ocrx.networks.ctc import CtcRecognizer
from ocrx.networks.network import Network, NetworkDetector, NetworkOrienter, NetworkRecognizer
from ocrx.networks.parts import SessionsRun
from ocrx.networks.sessions import Sessions
from ocrx.networks.tiled import TiledDetector
from ocrx.plugins.options import make_options
from ocrx.plugins.registrar import Entry, Kind, Request
from ocrx.plugins.registry import Registry
from ocrx.profiles.runs import Runs
from ocrx.reading.blame import called, returned, wrong_type
from ocrx.reading.chain import Link
from ocrx.reading.choice import AUTO, DECODER, split_reference
from ocrx.reading.kinds import INTERFACES
from ocrx.reading.opening import Opener
from ocrx.reading.options import check_takes, check_variant
from ocrx.weights.records import check_kind, is_path
from ocrx.weights.store import Store

_JOINED: dict[Kind, Callable[[Network[Any]], Component]] = {
    "detector": NetworkDetector,
    "orienter": NetworkOrienter,
    "recognizer": NetworkRecognizer,
}


@dataclass(frozen=True)
class Assembly:
    """Builds components by name.

    `options` maps a kind ("detector"), or a kind and a name ("preprocessor.deskew"), to options.
    `asked` is how the user wants networks to run: a component with a runtime of its own must obey
    or refuse. `decoder` is the decoder that the user named, if any. `opening` names the components
    for which this assembly opens others, so that one that opens itself is noticed.
    """

    registry: Registry
    store: Store
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    layout: Layout = "auto"
    conversion_progress: Progress = no_progress
    asked: Runs = field(default_factory=Runs)
    decoder: str | None = None
    opening: tuple[str, ...] = ()

    def preprocessor(self, link: Link) -> Preprocessor:
        """The preprocessor. Options of the link itself go before those of its name."""
        key = f"preprocessor.{split_reference(link.reference)[0]}"
        options = {**self.options, key: {**self.options.get(key, {}), **link.options}}
        built = replace(self, options=options)._expect("preprocessor", link.reference)
        return cast("Preprocessor", built)

    def finder(self, reference: str) -> Finder:
        return cast("Finder", self._expect("finder", reference))

    def writer(self, name: str) -> Writer:
        """A new writer, for one document."""
        return cast("Writer", self._expect("writer", name))

    def page_reader(self, reference: str) -> PageReader:
        """The page reader. Raises UsageError if the user set a device, a precision or threads, and
        it was not registered to take that."""
        entry, built = self._build("page_reader", reference)
        if not isinstance(built, PageReader):
            raise wrong_type(entry, built)
        check_takes(entry, built, self.asked.others)
        return built

    def component(
        self, kind: Kind, reference: str, backend: str, session: SessionOptions
    ) -> Component:
        """A Detector, Orienter or Recognizer: the plugin's own, or its NetworkModel on `backend`, a
        name or "auto". Raises UsageError if the user set something that it does not take."""
        return self._component(*self._build(kind, reference), backend, session)

    def name_of(self, kind: Kind, reference: str) -> str:
        """The component's name in errors: "detector 'paddle' of plugin 'paddleocr'"."""
        return called(self._entry(kind, *split_reference(reference)))

    def backend(self, name: str) -> Backend:
        """The runtime. Raises PluginError for one that has another name than it is registered
        under, because errors and profiles go by it."""
        runtime = cast("Backend", self._expect("backend", name))
        if runtime.name != name:
            raise returned(self.name_of("backend", name), f"a runtime named {runtime.name!r}")
        return runtime

    def made(self, kind: Kind, name: str, interface: type) -> object:
        """What a plugin built for a kind that is not part of a reader. Raises PluginError if it is
        no `interface`."""
        entry, built = self._build(kind, name)
        if not isinstance(built, interface):
            raise wrong_type(entry, built)
        return built

    def command(self, name: str) -> object:
        """What a plugin built for a command. The command line checks what it is."""
        return self._build("command", name)[1]

    def converter(self, name: str) -> Converter:
        return cast("Converter", self._expect("converter", name))

    def inspector(self, form: Format) -> Inspector:
        """The inspector for files of that format. Raises UsageError if there is none,
        BackendMissing if it needs something that is not installed."""
        for name in self.registry.names("inspector"):
            found = cast("Inspector", self._expect("inspector", name))
            if form in found.accepts:
                with plugin_errors(f"the inspector {name!r}"):
                    available = found.probe()
                if available.present:
                    return found
                raise BackendMissing(
                    f"the inspector for {form} files cannot run here ({available.detail})",
                    f"Install what is missing: {available.remedy}",
                )
        raise UsageError(
            f"no inspector here reads networks in the format {form!r}",
            "Give the model as an ONNX file.",
        )

    def _component(
        self, entry: Entry, built: object, backend: str, session: SessionOptions
    ) -> Component:
        if entry.kind == "recognizer" and not isinstance(built, CtcModel):
            self._check_no_decoder(entry, built)
        if isinstance(built, NetworkModel) and entry.kind in _JOINED:
            return self._joined(entry, built, backend, session)
        if not isinstance(built, Component) or not isinstance(built, INTERFACES[entry.kind]):
            raise wrong_type(entry, built)
        if backend != AUTO:
            built.close()
            raise UsageError(
                f"{entry.kind} {entry.name!r} has a runtime of its own and cannot run on "
                f"{backend!r}",
                f"Leave the {entry.kind}'s backend out.",
            )
        check_takes(entry, built, self.asked.of(entry.kind))
        return built

    def _check_no_decoder(self, entry: Entry, built: object) -> None:
        """Raise UsageError if the user set a decoder or its options, and this recogniser has no use
        for one."""
        if self.decoder is not None or any(key.split(".")[0] == "decoder" for key in self.options):
            if isinstance(built, Component):
                built.close()
            raise UsageError(
                f"recognizer {entry.name!r} is not a CTC network and takes no decoder",
                "Leave out the decoder and its options.",
            )

    def _open_for(
        self, opener: str, kind: Kind, reference: str, options: Mapping[str, Any]
    ) -> Component:
        """`Request.open`, for the component whose name in errors is `opener`."""
        wanted = f"{kind.replace('_', ' ')} {reference!r}"
        chain = (*self.opening, opener)
        if self.name_of(kind, reference) in chain:
            raise PluginError(
                f"{opener} opens {wanted}, which opens it in turn", "Report it to its author."
            )
        name = split_reference(reference)[0]
        below = replace(self, options={f"{kind}.{name}": options}, decoder=None, opening=chain)
        if kind == "preprocessor":
            return below.preprocessor(Link(reference))
        if kind == "page_reader":
            return below.page_reader(reference)
        if kind in _JOINED:
            return below.component(kind, reference, AUTO, self.asked.of(kind))
        if kind == "pattern":
            return cast("Component", below._expect(kind, reference))
        raise PluginError(
            f"{opener} opens a {kind.replace('_', ' ')}, which is not part of a reader",
            "Report it to its author.",
        )

    def _joined(
        self, entry: Entry, model: NetworkModel[Any], backend: str, session: SessionOptions
    ) -> Component:
        runtime = self.runtime(model.spec, backend, session.device)
        artifacts = self.artifacts(model, runtime, session)
        opener = Opener(artifacts, partial(self._opened, runtime))
        name = self.decoder or DECODER
        decoder = self._decoder(name, model) if isinstance(model, CtcModel) else None
        sessions = Sessions(opener, session)
        if isinstance(model, MapModel):
            return TiledDetector(model, sessions, runtime.name, called(entry))
        network = Network(model, sessions, runtime.name, called(entry))
        if decoder is None:
            return _JOINED[entry.kind](network)
        return CtcRecognizer(network, decoder, name, self.name_of("decoder", name), self.layout)

    def _decoder(self, name: str, model: CtcModel) -> Decoder:
        """The decoder, ready for the characters of the model."""
        decoder = cast("Decoder", self._expect("decoder", name))
        with plugin_errors(self.name_of("decoder", name)):
            decoder.prepare(model.charset)
        return decoder

    def _opened(self, runtime: Backend, artifact: Artifact, session: SessionOptions) -> Session:
        return self.open(artifact, runtime, session)

    def open(self, artifact: Artifact, runtime: Backend, session: SessionOptions) -> Session:
        """A session for the artifact on the runtime. Raises what `Backend.open` raises, and
        PluginError."""
        name = f"the runtime {runtime.name!r}"
        with plugin_errors(name):
            opened = runtime.open(artifact, session)
        fault = fault_of_session(opened, session)
        if fault:
            raise returned(name, fault)
        return opened

    def artifact(
        self,
        spec: ModelSpec,
        runtime: Backend,
        session: SessionOptions,
        calibrate: Calibrate = lambda: None,
    ) -> Artifact:
        """A model of one network in a format that the runtime takes, downloaded and converted if
        necessary."""
        wanted = wanted_by(runtime, spec, session.precision, session.device)
        # Building converters imports much, so it is left out for a file that is used as published.
        converters = [] if leads(spec, wanted) else self.converters()
        workshop = Workshop(self.store, converters, self.conversion_progress)
        return workshop.artifact(spec, wanted, calibrate)

    def artifacts(
        self, model: NetworkModel[Any], runtime: Backend, session: SessionOptions
    ) -> dict[str, Artifact]:
        """The model's networks in a format that the runtime takes, by the names of their parts."""
        return {
            part: self.artifact(spec, runtime, session, partial(self.calibration_of, model, part))
            for part, spec in model.spec.networks.items()
        }

    def calibration(self, kind: Kind, reference: str, part: str = "") -> Calibration | None:
        """Sample inputs of a component's network; None if it is not a NetworkModel."""
        model = self.network(kind, reference)
        return None if model is None else self.calibration_of(model, part)

    def calibration_of(self, model: NetworkModel[Any], part: str = "") -> Calibration:
        """Sample inputs of the model's only network, or of one of its parts. Those of a part come
        from running all parts as they were published."""
        from ocrx.conversion.calibration import calibration, part_calibration

        if not model.spec.parts:
            return calibration(model)

        @contextmanager
        def opened() -> Iterator[Run]:
            runtime = self.runtime(model.spec, AUTO)
            published = model.spec.precision
            session = SessionOptions(precision="fp32" if published == "fp32" else "auto")
            artifacts = self.artifacts(model, runtime, session)
            with closing(Opener(artifacts, partial(self._opened, runtime))(session)) as sessions:
                yield SessionsRun(sessions, f"the runtime {runtime.name!r}, calibrating,")

        sources = [source for n in model.spec.networks.values() for source in n.artifacts.values()]
        files = [source.sha256 or hash_of(self.store.path(source)) for source in sources]
        return part_calibration(model, part, opened, files)

    def network(self, kind: Kind, reference: str) -> NetworkModel[Any] | None:
        """The component's NetworkModel; None for a component with a runtime of its own."""
        _, built = self._build(kind, reference)
        if isinstance(built, NetworkModel):
            return built
        if isinstance(built, Component):
            built.close()
        return None

    def charset(
        self, reference: str, kind: Literal["recognizer", "page_reader"] = "recognizer"
    ) -> frozenset[str] | None:
        """The characters that a recogniser or page reader can read, None if they are unknown. One
        with a runtime of its own is opened for it, a network is not."""
        entry, built = self._build(kind, reference)
        if not isinstance(built, NetworkModel | Recognizer | PageReader):
            raise wrong_type(entry, built)
        if isinstance(built, Component):
            built.close()
        return None if built.charset is None else frozenset("".join(built.charset))

    def runtime(self, spec: ModelSpec, backend: str, device: str = AUTO) -> Backend:
        """The backend of that name or, for "auto", of `_choose`. Raises BackendMissing."""
        return self._choose(spec, device) if backend == AUTO else self._present(backend)

    def converters(self) -> list[Converter]:
        """All converters that can be built. `ocrx converters list` says why others cannot."""
        found = []
        for name in self.registry.names("converter"):
            with suppress(PluginError):
                found.append(self.converter(name))
        return found

    def version(self, backend: str) -> str:
        """The version of a runtime; "" for one that is unknown or cannot be used here."""
        if self.registry.find("backend", backend) is None:
            return ""
        with suppress(OcrxError):
            available = self.available(self.backend(backend))
            return available.version if available.present else ""
        return ""

    def _choose(self, spec: ModelSpec, device: str) -> Backend:
        """The present runtime of the highest priority that takes the model as published, or if none
        does, converted, and has the device; any device if none has it. One that fails is left out;
        `ocrx doctor` says why."""
        backends: list[Backend] = []
        for name in self.registry.names("backend"):
            with suppress(PluginError):
                backends.append(self.backend(name))
        fitting = takers(spec, backends, self.converters)
        best: Backend | None = None
        for runtime in sorted(fitting, key=lambda b: -b.priority):
            with suppress(PluginError):
                found = self.available(runtime)
                if found.present and found.has(device):
                    return runtime
                best = best or (runtime if found.present else None)
        if best is not None:
            return best
        raise BackendMissing(
            f"no runtime here can run {spec.name} ({', '.join(spec.formats)})",
            "Run `ocrx doctor` to see how to get one.",
        )

    def _present(self, name: str) -> Backend:
        runtime = self.backend(name)
        available = self.available(runtime)
        if not available.present:
            raise BackendMissing(
                f"the runtime {name!r} cannot be used here ({available.detail or 'not installed'})",
                f"Get it with: {available.remedy}",
            )
        return runtime

    def available(self, runtime: Backend) -> Availability:
        """What the runtime says of itself here. Raises PluginError if it fails."""
        name = f"the runtime {runtime.name!r}"
        with plugin_errors(name):
            found = runtime.probe()
        if not isinstance(found, Availability):
            raise returned(name, f"a {type(found).__name__} in place of an Availability")
        return found

    def _expect(self, kind: Kind, reference: str) -> object:
        return self.made(kind, reference, INTERFACES[kind])

    def _entry(self, kind: Kind, name: str, variant: str) -> Entry:
        """The component of that name. Raises UnknownName, or UsageError for the path of a
        compressed model of another kind."""
        if kind in _JOINED and is_path(variant):
            check_kind(kind, Path(variant).expanduser())
        return self.registry.get(kind, name)

    def _build(self, kind: Kind, reference: str) -> tuple[Entry, object]:
        name, variant = split_reference(reference)
        entry = self._entry(kind, name, variant)
        values = {**self.options.get(kind, {}), **self.options.get(f"{kind}.{name}", {})}
        options: Any = make_options(entry.options, values, f"{kind} {name}")
        owner = called(entry)
        asked, opener = self.asked.of(kind), partial(self._open_for, owner)
        request = Request(variant, options, self.store, self.layout, asked, opener)
        with plugin_errors(owner):
            check_variant(entry, variant)
            return entry, entry.build(request)
