"""Several patterns as one automaton, and what they say of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocrx.errors import UsageError, plugin_errors
from ocrx.interfaces.patterns import Pattern
from ocrx.patterns.automaton import Automaton, automaton
from ocrx.patterns.expressions import Chars, Choice, Node, classes, parse, parse_class
from ocrx.system.text import printable
from ocrx_ctc.lattice import Lattice

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Request
    from ocrx_ctc.settings import PatternOptions

NAME = re.compile("[a-z][a-z0-9_-]*")
"""A pattern that is written like this is a name."""


def chosen(request: Request, options: PatternOptions) -> dict[str, Pattern]:
    """The patterns that the options name, by their name or expression. Raises UnknownName."""
    found: dict[str, Pattern] = {}
    for text in filter(None, options.patterns.splitlines()):
        named = request.open("pattern", text, {}) if NAME.fullmatch(text) else Pattern(text)
        if isinstance(named, Pattern):
            found[text] = named
    return found or {f"[{options.charset}]*": Pattern(f"[{options.charset}]*")}


@dataclass(frozen=True, eq=False)
class Compiled:
    """The patterns, made ready for a charset."""

    automata: Mapping[str, Automaton]
    lattice: Lattice


class Patterns:
    """Alternative patterns for texts whose characters are in `charset`, if one is given.

    Raises UsageError for an expression that is wrong.
    """

    def __init__(self, patterns: Mapping[str, Pattern], charset: str) -> None:
        self._patterns = patterns
        self._nodes = {name: parse(one.expression) for name, one in patterns.items()}
        self._charset = parse_class(charset) if charset else Chars(frozenset(), negated=True)

    def compiled(self, charset: Sequence[str]) -> Compiled:
        """The patterns for a recogniser of that charset.

        Raises UsageError if they admit characters that the recogniser does not know, or no text.
        """
        alphabet = self._charset.among(charset)
        automata = {}
        for name, node in self._nodes.items():
            self._check_known(name, node, frozenset(charset))
            automata[name] = automaton(node, alphabet)
            if not automata[name].edges:
                raise UsageError(
                    f"the pattern {printable(name)!r} admits no text of the characters that may "
                    "occur",
                    "Choose another charset or recogniser.",
                )
        union = automaton(Choice(tuple(self._nodes.values())), alphabet)
        return Compiled(automata, Lattice.of(union, charset))

    def matching(self, compiled: Compiled, text: Sequence[str]) -> tuple[str, bool | None]:
        """The pattern that a text matches, one whose check digits hold if there is one; and whether
        they do, None if it has none. Raises PluginError for a check that fails to run."""
        found: tuple[str, bool | None] = "", None
        for name, one in compiled.automata.items():
            if not one.accepts(text):
                continue
            check = self._patterns[name].check
            if check is None:
                return name, None
            with plugin_errors(f"the check of the pattern {name!r}"):
                holds = bool(check("".join(text)))
            if holds:
                return name, True
            found = found if found[0] else (name, False)
        return found

    def _check_known(self, name: str, node: Node, known: frozenset[str]) -> None:
        """Raise UsageError for characters that the expression names and the recogniser lacks. It
        may lack white space."""
        named = frozenset().union(*(one.chars for one in classes(node) if not one.negated))
        strange = sorted(c for c in self._charset.among(named) if c not in known | {" "})
        if strange:
            shown = "".join(strange[:20]) + ("..." if len(strange) > 20 else "")
            raise UsageError(
                f"the pattern {printable(name)!r} admits characters that the recogniser does not "
                f"know: {printable(shown)}",
                "Leave them out, or name those that may occur: --charset 'A-Z0-9'.",
            )
