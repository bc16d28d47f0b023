"""The characters that a network tells apart, and texts as numbers of its classes."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocrx.errors import UsageError

CODES = string.digits + string.ascii_uppercase + "-./:"
"""The characters of codes."""


@dataclass(frozen=True)
class Charset:
    """Class 0 is the blank of CTC, class i + 1 the character i. No character occurs twice."""

    characters: str = CODES

    def __post_init__(self) -> None:
        twice = sorted({c for c in self.characters if self.characters.count(c) > 1})
        if twice or not self.characters:
            what = f"has {', '.join(map(repr, twice))} twice" if twice else "is empty"
            raise UsageError(f"the charset {what}", "Name each character once.")

    @property
    def classes(self) -> int:
        """The number of classes, with the blank."""
        return len(self.characters) + 1

    def folded(self, text: str) -> str:
        """The text as the network is to read it: in upper case if it knows no lower case, without
        characters that it does not know."""
        if self.characters == self.characters.upper():
            text = text.upper()
        return "".join(char for char in text if char in self.characters)

    def numbers(self, text: str) -> list[int]:
        """The classes of a text. Raises UsageError for a character outside the charset."""
        strange = sorted(set(text) - set(self.characters))
        if strange:
            raise UsageError(
                f"the label {text!r} has characters outside the charset: {''.join(strange)}",
                "Add them to `charset`, or correct the label.",
            )
        return [self.characters.index(char) + 1 for char in text]

    def text(self, best: Iterable[int]) -> str:
        """The text of the best class of each step: repetitions once, without blanks."""
        found, before = [], 0
        for number in best:
            if number not in (before, 0):
                found.append(self.characters[number - 1])
            before = number
        return "".join(found)

    def texts(self, best: Sequence[Sequence[int]]) -> list[str]:
        """The same for several lines."""
        return [self.text(row) for row in best]
