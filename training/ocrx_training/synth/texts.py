"""Texts that are drawn from regular expressions."""

from __future__ import annotations

from functools import lru_cache

from ocrx.errors import UsageError
from ocrx.patterns.expressions import Chars, Choice, Node, Repeat, classes, limited
from ocrx.system.text import printable
from ocrx_training.synth.dice import Dice

ALPHABET = "".join(chr(code) for code in range(0x21, 0x7F))
"""What `.` and negated classes draw from: the visible characters of ASCII."""

RARE = "IOQ"
"""Letters that look like 1 and 0. A network that is shown them as often as 1 and 0 guesses where
the two have one shape, and many codes, such as VINs and plates of most countries, have none."""

LONGEST = 64
"""The most characters that a text may have: no line of a code is longer."""


def drawable(pattern: str) -> Node:
    """The tree of an expression. Raises UsageError, which names the column, for one that is
    malformed, that admits no visible character of ASCII somewhere, or texts that are too long."""
    node = limited(pattern, LONGEST)
    if not all(map(members, classes(node))):
        raise UsageError(
            f"the pattern {printable(pattern)!r} has a class of which nothing can be drawn",
            "Name its characters.",
        )
    return node


def draw(node: Node, dice: Dice) -> str:
    """A text that matches. Options are equally likely, and so are numbers of repetitions. No
    repetition is without an upper limit."""
    if isinstance(node, Chars):
        return dice.pick(members(node))
    if isinstance(node, Choice):
        return draw(dice.pick(node.options), dice)
    if isinstance(node, Repeat):
        most = node.least if node.most is None else node.most
        return "".join(draw(node.part, dice) for _ in range(dice.whole(node.least, most)))
    return "".join(draw(part, dice) for part in node.parts)


def alphabet(node: Node) -> frozenset[str]:
    """All characters that occur in texts that match."""
    return frozenset().union(*map(members, classes(node)))


@lru_cache(maxsize=1024)
def members(chars: Chars) -> str:
    """The characters that a class draws from, each as often as it is likely. Codes that mix letters
    and digits avoid letters that look like digits."""
    found = "".join(chars.among(ALPHABET) if chars.negated else sorted(chars.chars))
    mixed = any(map(str.isdigit, found)) and any(map(str.isalpha, found))
    return with_rare(found) if mixed else found


def with_rare(characters: str) -> str:
    """The characters as codes have them: I, O and Q a tenth as often as others."""
    return "".join(one if one in RARE else 10 * one for one in characters)
