"""The components of one reader, each opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from ocrx.errors import PluginError, SessionClosed, UsageError
from ocrx.interfaces.components import (
    Component,
    Detector,
    Finder,
    Orienter,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.names import Layout
from ocrx.plugins.registrar import KINDS, Kind
from ocrx.profiles.applied import Tuned, profile_errors
from ocrx.profiles.runs import Runs
from ocrx.reading.assembly import Assembly
from ocrx.reading.calling import Held
from ocrx.reading.chain import Link
from ocrx.reading.choice import AUTO, Choice, split_reference
from ocrx.reading.options import check_options


class Components:
    """Opens the components of `choice`, and closes them. Threads may share it.

    `runs` is how networks are to run; it may come from the profile in `tuned`. The components
    that every picture needs are opened at once, in parallel. The constructor therefore raises what
    opening them raises, and UnknownName or UsageError for names and options that cannot be right.
    """

    def __init__(
        self,
        choice: Choice,
        assembly: Assembly,
        runs: Runs,
        tuned: Tuned,
    ) -> None:
        self._choice = choice
        self._assembly = assembly
        self._runs = runs
        self._tuned = tuned
        self._held: dict[Kind, Held[Any]] = {}
        self._locks: dict[Kind, threading.Lock] = {kind: threading.Lock() for kind in KINDS}
        self._closed = False
        self._check_names()
        self._check_options()
        self.preprocessors: Sequence[Held[Preprocessor]] = ()
        self.finders: Sequence[Held[Finder]] = ()
        try:
            self.preprocessors = [self._preprocessor(one) for one in choice.preprocessors]
            self.finders = [
                Held(assembly.finder(name), assembly.name_of("finder", name))
                for name in choice.finders
            ]
            self._open_together()
        except BaseException:
            with suppress(PluginError):  # it would hide the reason
                self.close()
            raise

    @property
    def reads_text(self) -> bool:
        """Whether text is read, and not only items found."""
        return self.reads_pages or self._choice.recognizer is not None

    @property
    def reads_pages(self) -> bool:
        """Whether a page reader takes the place of the other components."""
        return self._choice.page_reader is not None

    @property
    def orients(self) -> bool:
        """Whether there is an orienter."""
        return self._choice.orienter is not None

    def detector(self) -> Held[Detector]:
        """The detector, opened if it was not. Raises what opening it raises; SessionClosed."""
        return self._component("detector")

    def recognizer(self) -> Held[Recognizer]:
        """The recogniser, as `detector`."""
        return self._component("recognizer")

    def orienter(self) -> Held[Orienter]:
        """The orienter, as `detector`."""
        return self._component("orienter")

    def page_reader(self) -> Held[PageReader]:
        """The page reader, as `detector`."""
        return self._component("page_reader")

    def cost(self, pages: int) -> str:
        """What it costs to read so many pages; "" if nothing."""
        return self.page_reader().ask(lambda one: one.cost(pages)) if self.reads_pages else ""

    def check_open(self) -> None:
        """Raise SessionClosed after `close`."""
        if self._closed:
            raise SessionClosed("this reader is closed", "Open a new one.")

    def close(self) -> None:
        """Close all components. May be called twice. Raises PluginError, when all are closed, if
        one fails to."""
        self._closed = True
        with ExitStack() as closing:
            beside: list[Held[Any]] = [*self.preprocessors, *self.finders]
            for one in beside:
                closing.callback(one.close)
            for kind, lock in self._locks.items():
                with lock:
                    held = self._held.pop(kind, None)
                    if held is not None:
                        closing.callback(held.close)

    def _preprocessor(self, chosen: Link | Preprocessor) -> Held[Preprocessor]:
        """The hold on a preprocessor that is built here, or was given by the user."""
        if isinstance(chosen, Link):
            name = self._assembly.name_of("preprocessor", chosen.reference)
            return Held(self._assembly.preprocessor(chosen), name)
        if isinstance(chosen, Preprocessor):
            return Held(chosen, f"preprocessor {type(chosen).__name__}")
        raise UsageError(
            f"a {type(chosen).__name__} is no preprocessor", "Give names, or Preprocessor objects."
        )

    def _component(self, kind: Kind) -> Held[Any]:
        with self._locks[kind]:
            self.check_open()
            if kind not in self._held:
                self._held[kind] = Held(self._opened(kind), self._name(kind))
            return self._held[kind]

    def _opened(self, kind: Kind) -> Component:
        reference = str(self._choice.reference(kind))
        if kind == "page_reader":
            return self._page_reader(reference)
        session = self._runs.of(kind)
        concurrency = (session.threads or 1) if kind == "recognizer" else 1
        with profile_errors(self._tuned):
            return self._assembly.component(
                kind,
                reference,
                self._choice.backends[kind],
                replace(session, concurrency=concurrency),
            )

    def _page_reader(self, reference: str) -> PageReader:
        engine = self._assembly.page_reader(reference)
        if self._assembly.layout == "line" and not engine.reads_lines:
            engine.close()
            name = split_reference(reference)[0]
            raise UsageError(
                f"{name!r} reads whole pages only, not single lines", "Leave out the layout."
            )
        return engine

    def _name(self, kind: Kind) -> str:
        return self._assembly.name_of(kind, str(self._choice.reference(kind)))

    def _open_together(self) -> None:
        """Open the components that every picture needs, in parallel, because a runtime mostly opens
        a model in a single thread."""
        layout: Layout = self._assembly.layout
        kinds: list[Kind] = ["recognizer"] if layout == "line" else ["recognizer", "detector"]
        if not self.reads_text:
            return
        if self.reads_pages:
            kinds = ["page_reader"]
        with ThreadPoolExecutor(len(kinds)) as pool:
            for opening in [pool.submit(self._component, kind) for kind in kinds]:
                opening.result()

    def _check_names(self) -> None:
        """Raise UnknownName for a component that does not exist, even if it may never be needed."""
        kinds: tuple[Kind, ...] = ("page_reader", "recognizer", "detector", "orienter")
        for kind in kinds:
            if self._choice.reference(kind) is not None:
                self._name(kind)
        if self._assembly.decoder is not None:
            self._assembly.name_of("decoder", self._assembly.decoder)

    def _check_options(self) -> None:
        """Raise UsageError for options of components that this reader never uses."""
        registry, choice = self._assembly.registry, self._choice
        backends = list(choice.backends.values())
        if AUTO in backends:
            backends = registry.names("backend")
        used: Mapping[Kind, Sequence[str | None]] = {
            "detector": [choice.detector],
            "orienter": [choice.orienter],
            "recognizer": [choice.recognizer],
            "decoder": [choice.decoder],
            "page_reader": [choice.page_reader],
            "preprocessor": [
                one.reference for one in choice.preprocessors if isinstance(one, Link)
            ],
            "finder": choice.finders,
            "backend": backends,
            "converter": registry.names("converter") if choice.backends else (),
        }
        check_options(self._assembly.options, used)
