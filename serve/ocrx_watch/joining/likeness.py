"""Whether two readings may be of the same code."""

from __future__ import annotations

SHORTEST = 3
"""Of shorter texts, only the same ones are alike."""

SHARE = 0.3
"""Texts are alike that differ in this share of their characters, and in one at least."""


def alike(one: str, other: str) -> bool:
    """Whether one text may be a small misreading of the other."""
    if one == other:
        return True
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < SHORTEST:
        return False
    most = max(1, round(SHARE * longest))
    return abs(len(one) - len(other)) <= most and distance(one, other) <= most


def distance(one: str, other: str) -> int:
    """The Levenshtein distance: the fewest characters to put in, take out or change (Wagner and
    Fischer, "The String-to-String Correction Problem", 1974)."""
    above = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        left = [row]
        for column, against in enumerate(other, 1):
            change = above[column - 1] + (char != against)
            left.append(min(change, above[column] + 1, left[-1] + 1))
        above = left
    return above[-1]
