"""The deterministic automaton of a regular expression.

Positions and followers as in Glushkov, "The abstract theory of automata", 1961; made deterministic
by the construction of subsets (Rabin and Scott, "Finite Automata and Their Decision Problems",
1959). In a deterministic automaton each text has a single path, so probabilities of paths add up to
those of texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ocrx.errors import UsageError
from ocrx.patterns.expressions import Chars, Choice, Node, Repeat, classes

MOST_POSITIONS = 2000
"""How many characters an expression may have, with its repetitions written out."""

MOST_STATES = 4000
"""How many states an automaton may have. There are expressions whose automata are exponentially
larger than they are."""


@dataclass(frozen=True)
class Automaton:
    """States from 0, the first. `groups` has the characters that the expression does not tell
    apart, and `edges[state]` leads from a group's index to the next state. From each state that is
    reached, one of `accepting` can be reached. Without any text there are no states."""

    groups: Sequence[Sequence[str]]
    edges: Sequence[dict[int, int]]
    accepting: frozenset[int]

    def __post_init__(self) -> None:
        group_of = {char: i for i, group in enumerate(self.groups) for char in group}
        object.__setattr__(self, "_group_of", group_of)

    _group_of: dict[str, int] = field(init=False, repr=False, compare=False)

    def accepts(self, text: Iterable[str]) -> bool:
        """Whether a text of these characters matches the expression."""
        state: int | None = 0 if self.edges else None
        for char in text:
            group = self._group_of.get(char)
            if state is None or group is None:
                return False
            state = self.edges[state].get(group)
        return state in self.accepting


def automaton(node: Node, alphabet: Iterable[str]) -> Automaton:
    """The automaton of an expression, for texts of the characters of `alphabet`.

    Raises UsageError for an expression whose automaton is too large.
    """
    positions = _Positions()
    whole = positions.add(node)
    groups, members = _groups(classes(node), alphabet)
    start = frozenset([-1])
    follow = {-1: whole.first, **positions.follow}
    last = whole.last | ({-1} if whole.nullable else frozenset())
    numbers = {start: 0}
    edges: list[dict[int, int]] = []
    queue = [start]
    for state in queue:  # grows as new states are found
        to: dict[int, set[int]] = defaultdict(set)
        for position in state:
            for after in follow[position]:
                for group in members[positions.chars[after]]:
                    to[group].add(after)
        edges.append({})
        for group, reached in sorted(to.items()):
            target = frozenset(reached)
            if target not in numbers:
                numbers[target] = len(queue)
                queue.append(target)
            edges[-1][group] = numbers[target]
        if len(queue) > MOST_STATES:
            raise _too_large()
    accepting = {numbers[state] for state in queue if state & last}
    return _trimmed(groups, edges, accepting)


def _too_large() -> UsageError:
    return UsageError(
        "the pattern is too large", "Repeat less, or give several patterns in its place."
    )


@dataclass(frozen=True)
class _Part:
    """What a part of an expression begins and ends with, and whether it may be empty."""

    nullable: bool
    first: frozenset[int]
    last: frozenset[int]


class _Positions:
    """The characters of an expression, each an own position, and which may follow which."""

    def __init__(self) -> None:
        self.chars: list[Chars] = []
        self.follow: dict[int, frozenset[int]] = {}

    def add(self, node: Node) -> _Part:
        """The positions of a node are added. Each repetition has its own."""
        if isinstance(node, Chars):
            place = len(self.chars)
            if place >= MOST_POSITIONS:
                raise _too_large()
            self.chars.append(node)
            self.follow[place] = frozenset()
            return _Part(False, frozenset([place]), frozenset([place]))
        if isinstance(node, Choice):
            options = [self.add(one) for one in node.options]
            return _Part(
                any(one.nullable for one in options),
                frozenset().union(*(one.first for one in options)),
                frozenset().union(*(one.last for one in options)),
            )
        if isinstance(node, Repeat):
            return self._row(self._repeated(node))
        return self._row([self.add(part) for part in node.parts])

    def _repeated(self, node: Repeat) -> list[_Part]:
        parts = [self.add(node.part) for _ in range(node.least)]
        if node.most is None:
            parts = parts or [_optional(self.add(node.part))]
            self._join(parts[-1], parts[-1])
        else:
            parts += [_optional(self.add(node.part)) for _ in range(node.most - node.least)]
        return parts

    def _row(self, parts: Sequence[_Part]) -> _Part:
        """The parts, one after the other."""
        nullable, first, last = True, frozenset[int](), frozenset[int]()
        for part in parts:
            self._join(_Part(nullable, first, last), part)
            first |= part.first if nullable else frozenset()
            last = part.last | (last if part.nullable else frozenset())
            nullable = nullable and part.nullable
        return _Part(nullable, first, last)

    def _join(self, before: _Part, after: _Part) -> None:
        for place in before.last:
            self.follow[place] |= after.first


def _optional(part: _Part) -> _Part:
    return _Part(True, part.first, part.last)


def _groups(
    distinct: Iterable[Chars], alphabet: Iterable[str]
) -> tuple[list[list[str]], dict[Chars, list[int]]]:
    """The characters that no class tells apart, and the groups that make up each class."""
    alphabet = list(dict.fromkeys(alphabet))
    signatures: dict[str, list[Chars]] = defaultdict(list)
    for one in distinct:
        for char in one.among(alphabet):
            signatures[char].append(one)
    by_signature: dict[tuple[Chars, ...], list[str]] = defaultdict(list)
    for char in alphabet:
        if char in signatures:
            by_signature[tuple(signatures[char])].append(char)
    members: dict[Chars, list[int]] = {one: [] for one in distinct}
    for index, signature in enumerate(by_signature):
        for one in signature:
            members[one].append(index)
    return list(by_signature.values()), members


def _trimmed(
    groups: Sequence[Sequence[str]], edges: Sequence[dict[int, int]], accepting: set[int]
) -> Automaton:
    """The automaton without the states from which no text ends."""
    before: dict[int, list[int]] = defaultdict(list)
    for state, to in enumerate(edges):
        for target in to.values():
            before[target].append(state)
    useful, queue = set(accepting), list(accepting)
    while queue:
        fresh = [state for state in before[queue.pop()] if state not in useful]
        useful.update(fresh)
        queue += fresh
    number = {state: index for index, state in enumerate(sorted(useful))} if 0 in useful else {}
    return Automaton(
        groups,
        [{group: number[t] for group, t in edges[s].items() if t in number} for s in number],
        frozenset(number[state] for state in accepting if state in number),
    )
