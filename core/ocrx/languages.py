"""The letters of each language, and which of them a recogniser lacks.

`alphabets.json` maps BCP 47 tags to a language's English name and its lower-case letters. They are
the exemplar characters of the Google Fonts languages, which follow the Unicode CLDR
(https://github.com/googlefonts/lang, Apache-2.0).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files


@cache
def _alphabets() -> Mapping[str, tuple[str, str]]:
    text = files(__package__).joinpath("alphabets.json").read_text(encoding="utf-8")
    return {tag: (name, letters) for tag, (name, letters) in json.loads(text).items()}


def language_name(language: str) -> str:
    """The English name and the tag, such as "Vietnamese (vi)"; the tag alone if the name is not
    known."""
    name = _alphabets().get(language, ("", ""))[0]
    return f"{name} ({language})" if name else language


def alphabet(language: str) -> frozenset[str]:
    """The letters of a language in both cases; empty if they are not known here."""
    letters = _alphabets().get(language, ("", ""))[1]
    capitals = [letter.upper() for letter in letters if len(letter.upper()) == 1]
    return frozenset((*letters, *capitals))


def missing_letters(language: str, charset: Collection[str]) -> str:
    """The letters of a language that a charset lacks, sorted; "" if none is known to be
    missing."""
    return "".join(sorted(alphabet(language).difference(charset)))
