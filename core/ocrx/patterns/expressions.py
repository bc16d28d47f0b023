"""Regular expressions of codes.

A subset of Python's: characters and escapes, classes, groups, alternatives and repetitions. A text
that matches also matches the same expression in `re.fullmatch`. No expression looks ahead or back,
so each has a finite automaton (`ocrx.patterns.automaton`).
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import TypeAlias

from ocrx.errors import UsageError
from ocrx.system.text import printable

DIGITS = frozenset(string.digits)
WORD = frozenset(string.ascii_letters + string.digits + "_")
SPACE = frozenset(" ")
SPECIAL = "|()[]{}?*+"
ENDLESS = {"*": 0, "+": 1}


@dataclass(frozen=True)
class Chars:
    """One character out of `chars` or, if it is `negated`, any other one."""

    chars: frozenset[str]
    negated: bool = False

    def among(self, alphabet: Iterable[str]) -> list[str]:
        """Which characters of the alphabet it admits, in the alphabet's order."""
        return [char for char in alphabet if (char in self.chars) != self.negated]

    def __or__(self, other: Chars) -> Chars:
        """What one of the two admits."""
        if self.negated and other.negated:
            return Chars(self.chars & other.chars, True)
        if self.negated:
            return Chars(self.chars - other.chars, True)
        return other | self if other.negated else Chars(self.chars | other.chars)

    def __invert__(self) -> Chars:
        return Chars(self.chars, not self.negated)


NAMED = {"d": Chars(DIGITS), "w": Chars(WORD), "s": Chars(SPACE)}
"""The classes that have an escape; that of the capital letter is the negation."""


@dataclass(frozen=True)
class Row:
    """All parts, one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of the options."""

    options: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """A part, `least` to `most` times. `most` is None if there is no upper limit. `column` is where
    the repetition stands in the expression, from 1 on."""

    part: Node
    least: int
    most: int | None
    column: int = field(default=0, compare=False)


Node: TypeAlias = Chars | Row | Choice | Repeat


def parse(pattern: str) -> Node:
    """The tree of a regular expression.

    Raises UsageError, which names the column, for one that is malformed or admits no character.
    """
    reader = _Reader(pattern)
    node = reader.choice()
    if reader.at < len(pattern):
        raise reader.error("this ) closes no group", "Write \\) for the character.")
    if not longest(node):
        raise UsageError(
            f"the pattern {printable(pattern)!r} admits no character",
            r"Write one such as '[A-Z]{3}-\d{6}'.",
        )
    return node


def parse_class(members: str) -> Chars:
    """The characters that the class `[members]` admits. Raises UsageError as `parse`."""
    node = parse(f"[{members}]")
    if not isinstance(node, Chars):
        raise UsageError(
            f"{printable(members)!r} does not name characters", "Write them as in A-Z0-9, and \\]."
        )
    return node


def limited(pattern: str, longest_text: int) -> Node:
    """The tree of an expression whose texts have at most so many characters.

    Raises UsageError as `parse`, and for an expression that admits longer texts.
    """
    node = parse(pattern)
    endless = _endless(node)
    if endless is not None:
        raise UsageError(
            f"the pattern {printable(pattern)!r} is wrong at column {endless.column}: "
            "this repetition has no upper limit",
            f"Write {{{endless.least},8}} for example.",
        )
    if longest(node) > longest_text:
        raise UsageError(
            f"the pattern {printable(pattern)!r} admits texts of {longest(node)} characters",
            f"A text may have at most {longest_text}.",
        )
    return node


def _endless(node: Node) -> Repeat | None:
    """The first repetition without an upper limit."""
    if isinstance(node, Chars):
        return None
    if isinstance(node, Repeat):
        return node if node.most is None else _endless(node.part)
    parts = node.options if isinstance(node, Choice) else node.parts
    return next((found for part in parts if (found := _endless(part)) is not None), None)


def longest(node: Node) -> float:
    """The number of characters of the longest text that matches; infinity if there is none."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Choice):
        return max(map(longest, node.options))
    if isinstance(node, Repeat):
        each = longest(node.part)
        return 0 if not each else each * (inf if node.most is None else node.most)
    return sum(map(longest, node.parts))


def classes(node: Node) -> frozenset[Chars]:
    """All classes of characters that occur in an expression."""
    if isinstance(node, Chars):
        return frozenset([node])
    if isinstance(node, Repeat):
        return classes(node.part) if node.most != 0 else frozenset()
    parts = node.options if isinstance(node, Choice) else node.parts
    return frozenset().union(*map(classes, parts))


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def error(self, what: str, remedy: str, at: int | None = None) -> UsageError:
        column = (self.at if at is None else at) + 1
        return UsageError(
            f"the pattern {printable(self.pattern)!r} is wrong at column {column}: {what}", remedy
        )

    def choice(self) -> Node:
        options = [self._row()]
        while self._take("|"):
            options.append(self._row())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if self._anchor():
                continue
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _anchor(self) -> bool:
        """Step over ^ at the beginning and $ at the end, which change nothing there."""
        char = self.pattern[self.at]
        if char not in "^$":
            return False
        if self.at != (0 if char == "^" else len(self.pattern) - 1):
            raise self.error(f"{char} is not at an end", f"Write \\{char} for the character.")
        self.at += 1
        return True

    def _take(self, wanted: str) -> bool:
        if self.pattern.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def _atom(self) -> Node:
        start, char = self.at, self.pattern[self.at]
        self.at += 1
        if char == "(":
            return self._group(start)
        if char == "[":
            return self._class(start)
        if char == "\\":
            return self._escape(start)
        if char == ".":
            return Chars(frozenset(), negated=True)
        if char in SPECIAL:
            raise self.error(f"{char} stands alone", f"Write \\{char} for the character.", start)
        return self._visible(char, start)

    def _group(self, start: int) -> Node:
        if self._take("?") and not self._take(":"):
            raise self.error("only groups ( and (?: are known", "Leave out what follows the ?.")
        inner = self.choice()
        if not self._take(")"):
            raise self.error("this group is not closed", "Add a ).", start)
        return inner

    def _visible(self, char: str, at: int) -> Chars:
        if not char.isprintable():
            raise self.error("this character cannot be seen", "Leave it out.", at)
        return Chars(frozenset(char))

    def _escape(self, start: int) -> Chars:
        if self.at == len(self.pattern):
            raise self.error("nothing follows the \\", "Write \\\\ for the character.", start)
        char = self.pattern[self.at]
        self.at += 1
        if char.lower() in NAMED:
            named = NAMED[char.lower()]
            return named if char.islower() else ~named
        if char.isascii() and char.isalnum():
            raise self.error(f"\\{char} is not known", "Use \\d, \\w, \\s, \\D or \\W.", start)
        return self._visible(char, start)

    def _class(self, start: int) -> Chars:
        negated = self._take("^")
        found = Chars(frozenset())
        first = True
        while first or not self.pattern.startswith("]", self.at):
            first = False
            if self.at >= len(self.pattern):
                raise self.error("this class is not closed", "Add a ].", start)
            found |= self._range()
        self.at += 1
        found = ~found if negated else found
        if found == Chars(frozenset()):
            raise self.error("this class admits no character", "Name one.", start)
        return found

    def _member(self) -> Chars:
        start, char = self.at, self.pattern[self.at]
        self.at += 1
        return self._escape(start) if char == "\\" else self._visible(char, start)

    def _range(self) -> Chars:
        start = self.at
        first = self._member()
        rest = self.pattern[self.at :]
        if not rest.startswith("-") or rest.startswith("-]") or len(rest) < 2:
            return first
        self.at += 1
        ends = (first, self._member())
        if any(end.negated or len(end.chars) != 1 for end in ends):
            raise self.error("this range goes nowhere", "Write two characters.", start)
        low, high = (ord(char) for end in ends for char in end.chars)
        if low > high:
            raise self.error("this range goes nowhere", "Write the smaller character first.", start)
        return Chars(frozenset(map(chr, range(low, high + 1))))

    def _repeated(self, part: Node) -> Node:
        start = self.at
        least, most = self._times()
        if self.at == start:
            return part
        if self.pattern[self.at : self.at + 1] in ("?", "*", "+", "{"):
            raise self.error("this repeats a repetition", "Put the first into a group.")
        return Repeat(part, least, most, start + 1)

    def _times(self) -> tuple[int, int | None]:
        """How many times, least and most, from a sign of repetition if one follows."""
        start = self.at
        if self._take("?"):
            return 0, 1
        for sign, least in ENDLESS.items():
            if self._take(sign):
                return least, None
        if not self._take("{"):
            return 1, 1
        inside, closed, _ = self.pattern[self.at :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or (high and not high.isdecimal()):
            raise self.error("this is not a repetition", "Write {3} or {2,5}.", start)
        self.at += len(inside) + 1
        if comma and not high:
            return int(low), None
        if int(low) > int(high or low):
            raise self.error("this repetition goes nowhere", "Write the smaller first.", start)
        return int(low), int(high or low)
