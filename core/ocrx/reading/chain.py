"""Chains of preprocessors as people write them: "clahe(clip=2.0)+otsu"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocrx.errors import UsageError

NONE = "none"
JOIN = "+"
"""What stands between the links of a chain."""

_LINK = re.compile(r"\s*(?P<name>[^()+:\s]+(:[^()+]*)?)\s*(\((?P<options>[^()]*)\))?\s*")
_OPTION = re.compile(r"\s*(?P<name>[\w-]+)\s*=\s*(?P<value>.*?)\s*")


@dataclass(frozen=True)
class Link:
    """One preprocessor: its `reference`, NAME or NAME:VARIANT, and its options as text."""

    reference: str
    options: Mapping[str, str] = field(default_factory=dict)


def parse_chain(text: str) -> tuple[Link, ...]:
    """The links of a chain: NAME, NAME(OPTION=VALUE, ...), or several of these joined by "+".

    "none" has none. Raises UsageError for anything else.
    """
    if text.strip() == NONE:
        return ()
    links, at = [], 0
    while True:
        found = _LINK.match(text, at)
        if found is None:
            raise _malformed(text)
        links.append(Link(found["name"].strip(), _options(found["options"] or "", text)))
        at = found.end()
        if at == len(text):
            return tuple(links)
        if text[at] != JOIN:
            raise _malformed(text)
        at += 1


def _options(text: str, whole: str) -> dict[str, str]:
    options = {}
    for one in text.split(",") if text.strip() else ():
        found = _OPTION.fullmatch(one)
        if found is None:
            raise _malformed(whole)
        options[found["name"].replace("-", "_")] = found["value"]
    return options


def _malformed(text: str) -> UsageError:
    return UsageError(
        f"the preprocessor {text!r} is not of the form NAME or NAME(OPTION=VALUE, ...)",
        "For example: clahe(clip=2.0).",
    )
