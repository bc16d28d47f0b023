"""What is made equal before texts are compared, and said beside every figure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@dataclass(frozen=True)
class Folding:
    """How texts are compared. Whatever it says, NFC is applied (the same characters, encoded in two
    ways, are the same text), a run of white space is one blank, and none stands at the ends.

    `case` compares in upper case; `punctuation` leaves out Unicode's classes P and S; `white_space`
    leaves out all white space within a line; `compatibility` applies NFKC, so that full-width
    characters equal plain ones; `code` compares nothing but A-Z and 0-9, in upper case.
    """

    case: bool = False
    punctuation: bool = False
    white_space: bool = False
    compatibility: bool = False
    code: bool = False

    @property
    def text(self) -> str:
        """The folding in words, "none" if there is none."""
        if self.code:
            start = "full-width characters, then " if self.compatibility else ""
            return f"{start}all but A-Z and 0-9 in upper case"
        told = {
            "case": self.case,
            "punctuation": self.punctuation,
            "white space": self.white_space,
            "full-width characters": self.compatibility,
        }
        return ", ".join(name for name, used in told.items() if used) or "none"

    def words(self, text: str) -> list[str]:
        """The words of a text, folded; those of which nothing is left are none."""
        return [word for part in text.split() if (word := self._fold(part))]

    def __call__(self, text: str) -> str:
        return ("" if self.white_space or self.code else " ").join(self.words(text))

    def _fold(self, text: str) -> str:
        text = unicodedata.normalize("NFKC" if self.compatibility else "NFC", text)
        if self.case or self.code:
            text = text.upper()
        if self.code:
            return "".join(char for char in text if char in CODE)
        if self.punctuation:
            text = "".join(c for c in text if unicodedata.category(c)[0] not in "PS")
        text = "".join(text.split())  # NFKC makes blanks of some characters
        return unicodedata.normalize("NFC", text)  # what is left may go together
