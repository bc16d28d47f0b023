"""Checks whether a reader can read a language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ocrx.errors import UsageError
from ocrx.languages import alphabet, language_name, missing_letters
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import Registry
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import Choice, split_reference

SHOWN = 6
"""An error names at most this many of the missing letters."""


def check_language(language: str, choice: Choice, assembly: Assembly) -> None:
    """Raise UsageError unless the recogniser or page reader can read the language, a BCP 47 tag.

    It must know all letters of the language. If the letters or the charset are unknown, its model
    must list the language.
    """
    registry = assembly.registry
    tag = known_tag(language, registry)
    kind: Literal["page_reader", "recognizer"] = (
        "page_reader" if choice.page_reader else "recognizer"
    )
    reference = str(choice.reference(kind))
    why = "its model does not list that language"
    charset = assembly.charset(reference, kind) if alphabet(tag) else None
    if charset is not None:
        missing = missing_letters(tag, charset)
        if not missing:
            return
        more = ", ..." if len(missing) > SHOWN else ""
        why = f"it lacks {len(missing)} of its letters ({', '.join(missing[:SHOWN])}{more})"
    elif tag in _claimed(registry, kind, reference):
        return
    able = [name for name, languages in _claims(registry) if tag in languages and name != reference]
    raise UsageError(
        f"{reference!r} cannot read {language_name(tag)}: {why}",
        f"Read with one that can: {', '.join(able)}."
        if able
        else "No model that is known here can. A plugin may bring one.",
    )


def known_tag(language: str, registry: Registry) -> str:
    """The tag itself or, if it is unknown, the language in it: pt for pt-BR. Raises UsageError if
    both are unknown."""
    claimed = {one for _, languages in _claims(registry) for one in languages}
    for tag in (language, language.partition("-")[0]):
        if tag in claimed or alphabet(tag):
            return tag
    raise UsageError(
        f"the language {language!r} is unknown",
        "Give its tag, such as en, de or zh-Hans. `ocrx models list` shows those of each model.",
    )


def _claims(registry: Registry) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every model of a recogniser or page reader, as NAME:VARIANT, with the languages that it
    lists."""
    kinds: tuple[Kind, ...] = ("recognizer", "page_reader")
    for kind in kinds:
        for name in registry.names(kind):
            for variant, spec in registry.get(kind, name).models().items():
                yield f"{name}:{variant}" if variant else name, spec.languages


def _claimed(registry: Registry, kind: Kind, reference: str) -> tuple[str, ...]:
    """The languages that the model of that reference lists."""
    name, variant = split_reference(reference)
    models = registry.get(kind, name).models()
    spec = models.get(variant or next(iter(models), ""))
    return spec.languages if spec else ()
