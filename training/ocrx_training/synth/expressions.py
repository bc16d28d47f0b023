"""Regular expressions that texts are drawn from.

A subset of Python's: characters and escapes, classes, groups, alternatives, and repetitions with an
upper limit. What is drawn always matches the same expression in `re.fullmatch`.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TypeAlias

from ocrx.errors import UsageError
from ocrx.system.text import printable
from ocrx_training.synth.dice import Dice

ALPHABET = "".join(chr(code) for code in range(0x21, 0x7F))
"""What `.` and negated classes draw from: the visible characters of ASCII."""

LONGEST = 64
"""The most characters that a text may have: no line of a code is longer."""

ESCAPED = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " "}
NEGATED = {name.upper(): _ for name, _ in ESCAPED.items()}
SPECIAL = "|()[]{}?*+"
ENDLESS = {"*": 0, "+": 1}


@dataclass(frozen=True)
class Chars:
    """One character out of several."""

    chars: str


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
    """A part, `least` to `most` times."""

    part: Node
    least: int
    most: int


Node: TypeAlias = Chars | Row | Choice | Repeat


def parse(pattern: str) -> Node:
    """The tree of a regular expression.

    Raises UsageError, which names the column, for one that is malformed, that matches nothing, or
    that has no upper limit on its length.
    """
    reader = _Reader(pattern)
    node = reader.choice()
    if reader.at < len(pattern):
        raise reader.error("this ) closes no group", "Write \\) for the character.")
    if longest(node) > LONGEST:
        raise UsageError(
            f"the pattern {printable(pattern)!r} admits texts of {longest(node)} characters",
            f"A text may have at most {LONGEST}.",
        )
    if not longest(node):
        raise UsageError("the pattern admits no character", r"Write one such as '[A-Z]{3}-\d{6}'.")
    return node


def draw(node: Node, dice: Dice) -> str:
    """A text that matches. Options are equally likely, and so are numbers of repetitions."""
    if isinstance(node, Chars):
        return dice.pick(node.chars)
    if isinstance(node, Choice):
        return draw(dice.pick(node.options), dice)
    if isinstance(node, Repeat):
        return "".join(draw(node.part, dice) for _ in range(dice.whole(node.least, node.most)))
    return "".join(draw(part, dice) for part in node.parts)


def longest(node: Node) -> int:
    """The number of characters of the longest text that matches."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Choice):
        return max(map(longest, node.options))
    if isinstance(node, Repeat):
        return node.most * longest(node.part)
    return sum(map(longest, node.parts))


def alphabet(node: Node) -> frozenset[str]:
    """All characters that occur in texts that match."""
    if isinstance(node, Chars):
        return frozenset(node.chars)
    if isinstance(node, Repeat):
        return alphabet(node.part) if node.most else frozenset()
    parts = node.options if isinstance(node, Choice) else node.parts
    return frozenset().union(*map(alphabet, parts))


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
            return Chars(self._class(start))
        if char == "\\":
            return Chars(self._escape(start))
        if char == ".":
            return Chars(ALPHABET)
        if char in SPECIAL:
            raise self.error(f"{char} stands alone", f"Write \\{char} for the character.", start)
        return Chars(self._visible(char, start))

    def _group(self, start: int) -> Node:
        if self._take("?") and not self._take(":"):
            raise self.error("only groups ( and (?: are known", "Leave out what follows the ?.")
        inner = self.choice()
        if not self._take(")"):
            raise self.error("this group is not closed", "Add a ).", start)
        return inner

    def _visible(self, char: str, at: int) -> str:
        if not char.isprintable():
            raise self.error("this character cannot be seen", "Leave it out.", at)
        return char

    def _escape(self, start: int) -> str:
        if self.at == len(self.pattern):
            raise self.error("nothing follows the \\", "Write \\\\ for the character.", start)
        char = self.pattern[self.at]
        self.at += 1
        if char in ESCAPED:
            return ESCAPED[char]
        if char in NEGATED:
            return "".join(c for c in ALPHABET if c not in NEGATED[char])
        if char.isascii() and char.isalnum():
            raise self.error(f"\\{char} is not known", "Use \\d, \\w, \\s, \\D or \\W.", start)
        return self._visible(char, start)

    def _class(self, start: int) -> str:
        negated = self._take("^")
        found = ""
        first = True
        while first or not self.pattern.startswith("]", self.at):
            first = False
            if self.at >= len(self.pattern):
                raise self.error("this class is not closed", "Add a ].", start)
            found += self._range()
        self.at += 1
        chars = "".join(c for c in ALPHABET if c not in found) if negated else found
        if not chars:
            raise self.error("this class admits no character", "Name one.", start)
        return "".join(dict.fromkeys(chars))

    def _member(self) -> str:
        start, char = self.at, self.pattern[self.at]
        self.at += 1
        return self._escape(start) if char == "\\" else self._visible(char, start)

    def _range(self) -> str:
        start = self.at
        first = self._member()
        rest = self.pattern[self.at :]
        if not rest.startswith("-") or rest.startswith("-]") or len(rest) < 2:
            return first
        self.at += 1
        last = self._member()
        if len(first) != 1 or len(last) != 1 or first > last:
            raise self.error("this range goes nowhere", "Write the smaller character first.", start)
        return "".join(chr(code) for code in range(ord(first), ord(last) + 1))

    def _repeated(self, part: Node) -> Node:
        start = self.at
        char = self.pattern[start : start + 1]
        if char in ENDLESS and char:
            raise self.error(
                f"{char} has no upper limit", f"Write {{{ENDLESS[char]},8}} for example."
            )
        if self._take("?"):
            return Repeat(part, 0, 1)
        if not self._take("{"):
            return part
        inside, closed, _ = self.pattern[self.at :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or (high and not high.isdecimal()):
            raise self.error("this is not a repetition", "Write {3} or {2,5}.", start)
        if comma and not high:
            raise self.error("this repetition has no upper limit", "Write {2,5}.", start)
        least, most = int(low), int(high or low)
        if least > most:
            raise self.error("this repetition goes nowhere", "Write the smaller first.", start)
        self.at += len(inside) + 1
        if self.pattern[self.at : self.at + 1] in ("?", "*", "+", "{"):
            raise self.error("this repeats a repetition", "Put the first into a group.")
        return Repeat(part, least, most)
