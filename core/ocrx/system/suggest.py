"""Suggestions for a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str], most: int = 1) -> str:
    """The start of a remedy that names the `known` names closest to `word`, at most `most`.

    It reads "Did you mean 'read'? ", with a space at its end; it is "" if no name is close.
    """
    near = [repr(name) for name in get_close_matches(word, list(known), most)]
    return f"Did you mean {' or '.join(near)}? " if near else ""
