"""Planning the cells of a run: every combination of the choices.

An engine with a runtime of its own has one cell only, or one for each detector.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from ocrx.bench.figures.result import Cell
from ocrx.bench.run.process import ask_once
from ocrx.errors import UnknownName, UsageError
from ocrx.names import PRECISIONS, Layout
from ocrx.plugins.options import make_options
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import Registry
from ocrx.reading.chain import Link, parse_chain
from ocrx.reading.choice import DECODER, DETECTOR, is_page_reader, split_reference

OWN = "own"
"""In place of a detector: the detector, or else the page reader, of the recogniser's own name, or
else the one that a reader uses where none is asked for."""


@dataclass(frozen=True)
class Choices:
    """References as `Reader` takes them, and OWN among the `detectors`.

    No `backends` means all that are registered; no `decoders` the one that a reader uses where none
    is asked for. `preprocessors` are chains, "" for none. "" and None of what is the detector's own
    mean that of the recogniser.
    """

    recognizers: Sequence[str] = ("paddle",)
    detectors: Sequence[str] = ("paddle",)
    backends: Sequence[str] = ()
    precisions: Sequence[str] = ("auto",)
    devices: Sequence[str] = ("auto",)
    threads: Sequence[int | None] = (None,)
    decoders: Sequence[str] = ()
    preprocessors: Sequence[str] = ("",)
    detector_precisions: Sequence[str] = ("",)
    detector_devices: Sequence[str] = ("",)
    detector_threads: Sequence[int | None] = (None,)


def plan(
    choices: Choices,
    registry: Registry,
    layout: Layout,
    options: Mapping[str, Mapping[str, Any]],
) -> list[Cell]:
    """The cells, each once. With the layout "line" there are no detectors. Only CTC networks have a
    decoder.

    A process of its own makes each component once, to see what it is. Raises UnknownName for a
    component or precision that does not exist, UsageError for a malformed reference or for decoders
    that no recogniser takes, PluginError if the process fails.
    """
    backends = choices.backends or registry.names("backend")
    engines = {name for name in choices.recognizers if is_page_reader(registry, name)}
    _check(choices, backends, registry)
    detectors = {
        name: _detectors(name, choices.detectors, registry) if layout != "line" else ("",)
        for name in choices.recognizers
        if name not in engines
    }
    components = [("recognizer", name) for name in choices.recognizers]
    components += [("detector", d) for found in detectors.values() for d in found if d]
    asked = {"components": components, "options": options, "layout": layout}
    found = ask_once("engines", **asked)
    decoders = _decoders(choices, options)
    cells: list[Cell] = []
    for recognizer in choices.recognizers:
        with_detectors = detectors.get(recognizer, ())
        if recognizer in engines or (layout != "line" and "" in with_detectors):
            cells.append(Cell(recognizer, "", ""))
            with_detectors = [one for one in with_detectors if one]
        if f"recognizer {recognizer}" in found["names"]:
            cells.extend(Cell(recognizer, one, "") for one in with_detectors)
        else:
            some = decoders if f"recognizer {recognizer}" in found["ctc"] else ("",)
            cells.extend(_combined(recognizer, with_detectors, backends, some, choices))
    if choices.decoders and not any(cell.decoder for cell in cells):
        raise UsageError(
            f"none of the recognizers ({', '.join(choices.recognizers)}) is a CTC network, which "
            "takes a decoder",
            "Leave out the decoder.",
        )
    prepared = [replace(one, preprocessors=c) for c in choices.preprocessors for one in cells]
    return list(dict.fromkeys(prepared))


def options_of(
    cell: Cell, options: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """The options that apply to a cell: all but those of named components that it does not use."""
    recognizer = split_reference(cell.recognizer)[0]
    names = {"recognizer": recognizer, "page_reader": recognizer}
    names["detector"] = split_reference(cell.detector)[0]
    names["decoder"] = split_reference(cell.decoder)[0]
    if cell.backend not in ("", "auto"):
        names["backend"] = cell.backend
    chain = {split_reference(one.reference)[0] for one in _links(cell)}
    return {
        key: values
        for key, values in options.items()
        if _concerns(key, names) and _prepares(key, chain)
    }


def check_options(cells: Sequence[Cell], options: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises UsageError for options that apply to no cell."""
    used = {key for cell in cells for key in options_of(cell, options)}
    for key in options:
        if key not in used:
            raise UsageError(
                f"options were given for {key!r}, but no cell uses it",
                "Check the name after --set.",
            )


def _detectors(recognizer: str, detectors: Sequence[str], registry: Registry) -> Sequence[str]:
    """The detectors that the recogniser is combined with, each once; "" for its page reader."""
    return tuple(
        dict.fromkeys(_own(recognizer, registry) if one == OWN else one for one in detectors)
    )


def _own(recognizer: str, registry: Registry) -> str:
    name = split_reference(recognizer)[0]
    if registry.find("detector", name):
        return recognizer
    return "" if registry.find("page_reader", name) else DETECTOR


def _links(cell: Cell) -> Sequence[Link]:
    return parse_chain(cell.preprocessors) if cell.preprocessors else ()


def _prepares(key: str, chain: Collection[str]) -> bool:
    """Whether options are not those of a preprocessor that is missing from the chain."""
    kind, _, name = key.partition(".")
    return kind != "preprocessor" or (name in chain if name else len(chain) > 0)


def _concerns(key: str, names: Mapping[str, str]) -> bool:
    kind, _, name = key.partition(".")
    if kind == "decoder" and not names[kind]:  # what takes none refuses their options
        return False
    return not name or kind not in names or names[kind] == name


def _decoders(choices: Choices, options: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Those that were asked for. Options of decoders need one that is named."""
    asked = any(key.partition(".")[0] == "decoder" for key in options)
    return choices.decoders or ((DECODER,) if asked else ("",))


def _combined(
    recognizer: str,
    detectors: Sequence[str],
    backends: Sequence[str],
    decoders: Sequence[str],
    choices: Choices,
) -> Iterator[Cell]:
    own = choices.detector_precisions, choices.detector_devices, choices.detector_threads
    for detector, backend, precision, device, threads, decoder in product(
        detectors, backends, choices.precisions, choices.devices, choices.threads, decoders
    ):
        cell = Cell(recognizer, detector, backend, precision, device, threads, decoder)
        yield from (_with_own(cell, *one) for one in product(*own)) if detector else (cell,)


def _with_own(cell: Cell, precision: str, device: str, threads: int | None) -> Cell:
    """The cell with what is its detector's own, where that is not the recogniser's too."""
    return replace(
        cell,
        detector_precision="" if precision == cell.precision else precision,
        detector_device="" if device == cell.device else device,
        detector_threads=None if threads == cell.threads else threads,
    )


def _check(choices: Choices, backends: Sequence[str], registry: Registry) -> None:
    """Raises UnknownName before anything is measured, so that a typo does not cost a run."""
    named: tuple[tuple[Kind, Sequence[str]], ...] = (
        ("recognizer", [r for r in choices.recognizers if not is_page_reader(registry, r)]),
        ("detector", [one for one in choices.detectors if one != OWN]),
        ("decoder", choices.decoders),
        ("backend", [name for name in backends if name != "auto"]),
    )
    for kind, references in named:
        for reference in references:
            registry.get(kind, split_reference(reference)[0])
    for chain in filter(None, choices.preprocessors):
        for link in parse_chain(chain):
            entry = registry.get("preprocessor", split_reference(link.reference)[0])
            make_options(entry.options, link.options, f"preprocessor {entry.name}")
    for precision in (*choices.precisions, *filter(None, choices.detector_precisions)):
        if precision not in PRECISIONS:
            raise UnknownName(
                f"there is no precision {precision!r}", f"Choose among: {', '.join(PRECISIONS)}."
            )
