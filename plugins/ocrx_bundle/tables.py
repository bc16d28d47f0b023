"""A pattern as the tables of an automaton, for a program that knows no regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ocrx.errors import UsageError
from ocrx.interfaces.patterns import Pattern
from ocrx.patterns.automaton import automaton
from ocrx.patterns.expressions import Choice, parse, parse_class
from ocrx.reading.assembly import Assembly

NAME = re.compile("[a-z][a-z0-9_-]*")
"""A pattern that is written like this is a name."""

LEAST = 0.15
"""The least probability of a character, averaged over a text, as of the decoder `pattern`."""

MOST_EDGES = 20_000
"""More edges, an edge for each state and character, take a small board too long."""


def tables(
    asked: Sequence[str], members: str, charset: Sequence[str], assembly: Assembly
) -> dict[str, Any] | None:
    """The automaton of the patterns, by name or expression, of which a text matches one; None if
    none is asked for. `members` names the characters that may occur, as in A-Z0-9; "" for all of
    the recogniser's `charset`.

    Raises UnknownName for an unknown name, UsageError for an expression that is wrong, that admits
    no text, or too many.
    """
    if not asked and not members:
        return None
    patterns = list(_patterns(asked, assembly)) or [Pattern(f"[{members}]*")]
    alphabet = parse_class(members).among(charset) if members else charset
    nodes = tuple(parse(one.expression) for one in patterns)
    found = automaton(Choice(nodes), alphabet)
    if not found.edges:
        raise UsageError(
            "the pattern admits no text of the characters that the recogniser knows",
            "Choose another pattern or recogniser.",
        )
    moves = [
        (state, "".join(found.groups[group]), target)
        for state, edges in enumerate(found.edges)
        for group, target in edges.items()
    ]
    count = sum(len(chars) for _, chars, _ in moves)
    if count > MOST_EDGES:
        raise UsageError(
            f"the pattern has {count:,} edges, which a small board cannot follow in time",
            "Name the characters that may occur, as in --charset A-Z0-9.",
        )
    return {
        "states": len(found.edges),
        "accepting": sorted(found.accepting),
        "moves": moves,
        "least": LEAST,
    }


def unchecked(asked: Sequence[str], assembly: Assembly) -> list[str]:
    """The patterns with check digits, which the program of a bundle does not check."""
    named = zip(asked, _patterns(asked, assembly), strict=True)
    return [name for name, one in named if one.check is not None]


def _patterns(asked: Sequence[str], assembly: Assembly) -> Iterator[Pattern]:
    for text in asked:
        found = assembly.made("pattern", text, Pattern) if NAME.fullmatch(text) else Pattern(text)
        if isinstance(found, Pattern):
            yield found
