"""What a user may have meant by a name that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str], most: int = 1) -> str:
    """The closest of the `known` names, at most `most` of them, as the start of a remedy.

    "Did you mean 'read'? " with its space, or "" if none is close.
    """
    near = [repr(name) for name in get_close_matches(word, list(known), most)]
    return f"Did you mean {' or '.join(near)}? " if near else ""
