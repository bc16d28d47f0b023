"""Chooses the components of a reader from what the user asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrx.errors import UsageError
from ocrx.interfaces.components import Preprocessor
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import Registry
from ocrx.reading.chain import Link, parse_chain
from ocrx.weights.onnx_metadata import FAMILY, onnx_metadata
from ocrx.weights.records import component_of, is_path

AUTO = "auto"
NONE = "none"
DETECTOR = "paddle"
RECOGNIZER = "paddle"
DECODER = "greedy"


@dataclass(frozen=True)
class Choice:
    """The components of a reader, as NAME or NAME:VARIANT; None for one that it does without.

    With a page reader there is no detector, recogniser, orienter or decoder. Without any of the
    five no text is read. `backends` maps kinds to the runtime asked for, or "auto".
    """

    detector: str | None
    recognizer: str | None
    orienter: str | None
    page_reader: str | None
    decoder: str | None
    preprocessors: tuple[Link | Preprocessor, ...]
    finders: tuple[str, ...]
    backends: Mapping[Kind, str]

    def reference(self, kind: Kind) -> str | None:
        """The detector, recogniser, orienter or page reader, by its kind."""
        found: Mapping[Kind, str | None] = {
            "detector": self.detector,
            "recognizer": self.recognizer,
            "orienter": self.orienter,
            "page_reader": self.page_reader,
        }
        return found[kind]


@dataclass(frozen=True)
class Asked:
    """What the user asked for; None leaves the choice to ocrx. `backend` is the runtime of all
    networks, unless one of the other two says otherwise. `detector_runs` is how the detector alone
    is to run: device, precision and threads."""

    detector: str | None = None
    recognizer: str | None = None
    orienter: str | None = AUTO
    page_reader: str | None = None
    decoder: str | None = None
    preprocessors: Sequence[str | Preprocessor] = ()
    finders: Sequence[str] = ()
    backend: str = AUTO
    detector_backend: str | None = None
    recognizer_backend: str | None = None
    detector_runs: tuple[str | None, str | None, int | None] = (None, None, None)


def split_reference(reference: str) -> tuple[str, str]:
    """The name and the variant of NAME or NAME:VARIANT; the variant is "" if there is none.

    The path of a compressed model is a variant of the component that its record names, that of an
    ONNX file one of the recogniser that the file names. Raises UsageError for any other path, and
    for an ONNX file that names no recogniser; WeightsError for one that cannot be read.
    """
    component = component_of(reference)
    if component is not None:
        return component, reference
    name, _, variant = reference.partition(":")
    if not variant and name.endswith(".onnx"):
        return _family(Path(reference)), reference
    if is_path(name):
        raise _of_no_component(name)
    return name, variant


def _of_no_component(path: str) -> UsageError:
    if not Path(path).expanduser().exists():
        return UsageError(f"there is no file or folder {path}", "Check the path.")
    return UsageError(
        f"{path} does not say which component it is for",
        "Give a folder that `ocrx compress` wrote, a file that `ocrx train` wrote, or write the "
        f"component before the path, as in paddle:{path}.",
    )


def _family(path: Path) -> str:
    """The recogniser that the file was trained for, as `ocrx train` writes it."""
    name = onnx_metadata(path.expanduser()).get(FAMILY)
    if not name:
        raise UsageError(
            f"{path} does not say which recogniser it is for",
            f"Write it before the path, as in paddle:{path}.",
        )
    return name


def is_page_reader(registry: Registry, recognizer: str) -> bool:
    """Whether a name given as a recogniser's is that of a page reader, and of no recogniser."""
    name = split_reference(recognizer)[0]
    return not registry.find("recognizer", name) and registry.find("page_reader", name) is not None


def choose(asked: Asked, registry: Registry) -> Choice:
    """The components of a reader. Raises UsageError for components that exclude each other, and if
    there is nothing to read or find."""
    preprocessors, finders = _links(asked.preprocessors), tuple(asked.finders)
    page_reader = _page_reader(asked, registry)
    if page_reader is not None:
        _refuse_beside(split_reference(page_reader)[0], "reads whole pages", asked)
        return Choice(None, None, None, page_reader, None, preprocessors, finders, {})
    if asked.recognizer == NONE:
        _refuse_beside(NONE, "reads no text", asked)
        if not finders:
            raise UsageError(
                "there is nothing to do: no recognizer and no finder was chosen",
                "Say what to find, with --find or `finders`.",
            )
        return Choice(None, None, None, None, None, preprocessors, finders, {})
    recognizer = asked.recognizer or RECOGNIZER
    backends: dict[Kind, str] = {
        "detector": asked.detector_backend or asked.backend,
        "orienter": asked.recognizer_backend or asked.backend,
        "recognizer": asked.recognizer_backend or asked.backend,
    }
    return Choice(
        asked.detector or DETECTOR,
        recognizer,
        _orienter(asked.orienter, recognizer, registry),
        None,
        asked.decoder or DECODER,
        preprocessors,
        finders,
        backends,
    )


def _links(preprocessors: Sequence[str | Preprocessor]) -> tuple[Link | Preprocessor, ...]:
    links: list[Link | Preprocessor] = []
    for one in preprocessors:
        links += parse_chain(one) if isinstance(one, str) else (one,)
    return tuple(links)


def only_preprocessors(preprocessors: Sequence[str | Preprocessor]) -> Choice:
    """The components of what only prepares pictures."""
    return Choice(None, None, None, None, None, _links(preprocessors), (), {})


def _page_reader(asked: Asked, registry: Registry) -> str | None:
    if asked.page_reader is not None:
        if asked.recognizer is not None:
            raise UsageError(
                f"both a page reader, {asked.page_reader!r}, and a recognizer, "
                f"{asked.recognizer!r}, were asked for",
                "Leave one of them out: a page reader recognises text itself.",
            )
        return asked.page_reader
    if asked.recognizer is not None and is_page_reader(registry, asked.recognizer):
        return asked.recognizer
    return None


def _orienter(asked: str | None, recognizer: str, registry: Registry) -> str | None:
    """The orienter. "auto" is the one of the recogniser's own family: an orienter says little about
    the crops of other families."""
    if asked == AUTO:
        name = split_reference(recognizer)[0]
        return name if registry.find("orienter", name) else None
    return None if asked == NONE else asked


def _refuse_beside(name: str, does: str, asked: Asked) -> None:
    """Raise UsageError if the user asked for something that the engine `name` has no use for.
    `does` says in words why not."""
    device, precision, threads = asked.detector_runs
    beside: dict[str, str | int | None] = {
        "detector": asked.detector,
        "orienter": asked.orienter,
        "decoder": asked.decoder,
        "backend": asked.backend,
        "detector's backend": asked.detector_backend,
        "recognizer's backend": asked.recognizer_backend,
        "detector's device": device,
        "detector's precision": precision,
        "detector's threads": threads,
    }
    for what, value in beside.items():
        if value not in (None, AUTO, NONE):
            if "backend" in what and name != NONE:
                does = "has a runtime of its own"
            raise UsageError(
                f"{name!r} {does} and has no use for the {what} {value!r}", f"Leave out the {what}."
            )
