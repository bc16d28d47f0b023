"""Planning the cells of a run: every combination of the choices.

An engine with a runtime of its own has one cell only, or one for each detector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ocrx.bench.figures.result import Cell
from ocrx.bench.run.process import ask_once
from ocrx.errors import UnknownName, UsageError
from ocrx.names import PRECISIONS, Layout
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import Registry
from ocrx.reading.choice import DECODER, is_page_reader, split_reference


@dataclass(frozen=True)
class Choices:
    """References as `Reader` takes them. No `backends` means all that are registered; no `decoders`
    the one that a reader uses where none is asked for."""

    recognizers: Sequence[str] = ("paddle",)
    detectors: Sequence[str] = ("paddle",)
    backends: Sequence[str] = ()
    precisions: Sequence[str] = ("auto",)
    devices: Sequence[str] = ("auto",)
    threads: Sequence[int | None] = (None,)
    decoders: Sequence[str] = ()


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
    _check(choices, backends, registry)
    detectors = choices.detectors if layout != "line" else ("",)
    components = [("recognizer", name) for name in choices.recognizers]
    components += [("detector", name) for name in detectors if name]
    asked = {"components": components, "options": options, "layout": layout}
    found = ask_once("engines", **asked)
    decoders = _decoders(choices, options)
    cells: list[Cell] = []
    for recognizer in choices.recognizers:
        if is_page_reader(registry, recognizer):
            cells.append(Cell(recognizer, "", "", threads=None))
        elif f"recognizer {recognizer}" in found["names"]:
            cells.extend(Cell(recognizer, detector, "") for detector in detectors)
        else:
            some = decoders if f"recognizer {recognizer}" in found["ctc"] else ("",)
            cells.extend(_combined(recognizer, detectors, backends, some, choices))
    if choices.decoders and not any(cell.decoder for cell in cells):
        raise UsageError(
            f"none of the recognizers ({', '.join(choices.recognizers)}) is a CTC network, which "
            "takes a decoder",
            "Leave out the decoder.",
        )
    return list(dict.fromkeys(cells))


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
    return {key: values for key, values in options.items() if _concerns(key, names)}


def check_options(cells: Sequence[Cell], options: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises UsageError for options that apply to no cell."""
    used = {key for cell in cells for key in options_of(cell, options)}
    for key in options:
        if key not in used:
            raise UsageError(
                f"options were given for {key!r}, but no cell uses it",
                "Check the name after --set.",
            )


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
    for detector, backend, precision, device, threads, decoder in product(
        detectors, backends, choices.precisions, choices.devices, choices.threads, decoders
    ):
        yield Cell(recognizer, detector, backend, precision, device, threads, decoder)


def _check(choices: Choices, backends: Sequence[str], registry: Registry) -> None:
    """Raises UnknownName before anything is measured, so that a typo does not cost a run."""
    named: tuple[tuple[Kind, Sequence[str]], ...] = (
        ("recognizer", [r for r in choices.recognizers if not is_page_reader(registry, r)]),
        ("detector", choices.detectors),
        ("decoder", choices.decoders),
        ("backend", [name for name in backends if name != "auto"]),
    )
    for kind, references in named:
        for reference in references:
            registry.get(kind, split_reference(reference)[0])
    for precision in choices.precisions:
        if precision not in PRECISIONS:
            raise UnknownName(
                f"there is no precision {precision!r}", f"Choose among: {', '.join(PRECISIONS)}."
            )
