"""The stage that writes a zero before a unit that was read as a letter.

Recognisers take the zero of `0 g` without a space for the letter of a word: Og, Omg.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocrx.reading.pipeline import Candidate, Work

ZERO = re.compile(
    r"(?<=[^\s.!?:] )O(?=(?:[mkµμ]?g|mcg|[mc]l|kcal|k[JVW]|[mck]m|°[CF]|m[VAW]|[kM]?Hz)\b|%)"
)
"""An O before a unit of measurement, but not at the beginning of a sentence: Danish has a word
Og."""


def write_zeros(works: Sequence[Work]) -> None:
    """Write a zero for each O before a unit."""
    for work in works:
        for one in work.candidates:
            if one.text.match is None:
                _write(one)


def _write(candidate: Candidate) -> None:
    chars = list(candidate.text.chars)
    if not all(len(char) == 1 for char in chars):
        return
    for found in ZERO.finditer("".join(chars)):
        chars[found.start()] = "0"
    candidate.text = replace(candidate.text, chars=tuple(chars))
