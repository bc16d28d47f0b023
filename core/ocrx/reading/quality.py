"""The models of a reader that was asked for a quality rather than for names."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ocrx.artifacts import ModelSpec
from ocrx.errors import UsageError, WeightsError
from ocrx.languages import language_name
from ocrx.names import Tier
from ocrx.plugins.registrar import Kind
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import (
    DETECTOR,
    NONE,
    RECOGNIZER,
    Asked,
    is_page_reader,
)
from ocrx.reading.language import known_tag
from ocrx.weights.store import Store

NEAREST: dict[Tier, tuple[Tier, ...]] = {
    "fast": ("fast", "balanced", "best"),
    "balanced": ("balanced", "best", "fast"),
    "best": ("best", "balanced", "fast"),
}
"""The tiers that serve for each, in order."""

log = logging.getLogger("ocrx")


@dataclass(frozen=True)
class Candidate:
    """A model that may be chosen. `here` tells whether all its files are on this machine."""

    label: str
    reference: str
    tier: Tier
    here: bool


def by_quality(quality: Tier, language: str | None, asked: Asked, assembly: Assembly) -> Asked:
    """What was asked for, with a model for each of detector and recogniser that is left open.

    Open is what has no name, and a name without a variant, whose models are then chosen from. The
    choice is among the models that are on this machine: for a language, those that list it, and
    otherwise those with a tier. It falls on the nearest tier, and in it on the first model, of
    the default family first. A nearest tier that is not the one asked for is a warning in the log.

    Raises UsageError if nothing is open, WeightsError if no fitting model is on this machine.
    """
    kinds: list[Kind] = []
    if not _has_variant(asked.detector) and assembly.layout != "line":
        kinds.append("detector")
    if not _has_variant(asked.recognizer):
        kinds.append("recognizer")
    _refuse_without_choice(quality, kinds, asked, assembly)
    for kind in kinds:
        named = asked.detector if kind == "detector" else asked.recognizer
        tag = known_tag(language, assembly.registry) if language and kind == "recognizer" else ""
        candidates = [*_candidates(kind, named, tag, assembly)]
        if candidates:
            chosen = _choose(quality, kind, tag, candidates)
            asked = (
                replace(asked, detector=chosen)
                if kind == "detector"
                else replace(asked, recognizer=chosen)
            )
    return asked


def _has_variant(reference: str | None) -> bool:
    return reference is not None and ":" in reference


def _refuse_without_choice(
    quality: Tier, kinds: list[Kind], asked: Asked, assembly: Assembly
) -> None:
    """Raise UsageError if no model is left to choose."""
    reads = asked.page_reader or asked.recognizer
    whole = asked.page_reader or (reads and is_page_reader(assembly.registry, reads))
    if kinds and not whole and reads != NONE:
        return
    why = f"{reads!r} was asked for by name" if reads else "every model was asked for by name"
    raise UsageError(
        f"the quality {quality!r} leaves nothing to choose: {why}",
        "Leave out the quality, or a name or variant.",
    )


def _candidates(kind: Kind, named: str | None, tag: str, assembly: Assembly) -> Iterator[Candidate]:
    """The models to choose from, those of the default family first. `named` is the only component
    whose models count, None for all. `tag` is a language that they must list, or ""."""
    default = DETECTOR if kind == "detector" else RECOGNIZER
    registry = assembly.registry
    names = [named] if named else sorted(registry.names(kind), key=lambda name: name != default)
    for name in names:
        models = registry.get(kind, name).models()
        for place, (variant, spec) in enumerate(models.items()):
            label = f"{name}:{variant}" if variant else name
            # The default is meant by the bare name, in a profile of the user's too.
            reference = name if place == 0 else label
            if tag in spec.languages if tag else spec.tier:
                here = _is_here(spec, assembly.store)
                yield Candidate(label, reference, spec.tier or "balanced", here)


def _is_here(spec: ModelSpec, store: Store) -> bool:
    return all(
        any(store.locate(source).origin != "missing" for source in network.artifacts.values())
        for network in spec.networks.values()
    )


def _choose(quality: Tier, kind: Kind, tag: str, candidates: list[Candidate]) -> str:
    """The reference of the nearest candidate that is here. Raises WeightsError if none is."""

    def distance(candidate: Candidate) -> int:
        return NEAREST[quality].index(candidate.tier)

    nearest = min(candidates, key=distance)
    chosen = min((one for one in candidates if one.here), key=distance, default=None)
    what = f"{kind} that reads {language_name(tag)}" if tag else kind
    if chosen is None:
        raise WeightsError(
            f"no {what} is on this machine, of any quality",
            f"Run `ocrx models pull {nearest.label}`.",
        )
    if distance(nearest) < distance(chosen):
        log.warning(
            "ocrx: on this machine, %s is the nearest %s to the quality %r. "
            "Run `ocrx models pull %s` for a nearer one.",
            *(chosen.label, what, quality, nearest.label),
        )
    else:
        log.info("ocrx: %s for the quality %r: %s", kind, quality, chosen.label)
    return chosen.reference
