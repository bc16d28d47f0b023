"""Folding: what is made equal before texts are compared. It stands beside every figure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@dataclass(frozen=True)
class Folding:
    """Makes texts equal that differ only in what does not matter.

    It always applies NFC, so that two encodings of a character are equal, turns a run of white
    space into one space, and strips it from the ends. `case` compares in upper case. `punctuation`
    leaves out Unicode's categories P and S. `white_space` leaves out all white space within a line.
    `compatibility` applies NFKC, so that full-width characters equal plain ones. `code` compares
    only A-Z and 0-9, in upper case.
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
        """The folded words of a text, without those that folding leaves empty."""
        return [word for part in text.split() if (word := self._fold(part))]

    def __call__(self, text: str) -> str:
        """The folded text."""
        joined = ("" if self.white_space or self.code else " ").join(self.words(text))
        return unicodedata.normalize("NFC", joined)  # marks of two words may change places

    def _fold(self, text: str) -> str:
        text = unicodedata.normalize("NFKC" if self.compatibility else "NFC", text)
        if self.case or self.code:
            text = text.upper()
        if self.code:
            return "".join(char for char in text if char in CODE)
        if self.punctuation:
            text = "".join(c for c in text if unicodedata.category(c)[0] not in "PS")
        text = "".join(text.split())  # NFKC turns some characters into spaces
        # Characters may compose now that others between them are gone.
        return unicodedata.normalize("NFC", text)
