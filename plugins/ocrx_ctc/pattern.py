"""The decoder that knows what texts look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import exp, log
from typing import TypeAlias

import numpy as np

from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.networks.decode.ctc import ctc_greedy, text_of_path
from ocrx.networks.decode.likelihood import log_likelihoods
from ocrx.types import Match, Text
from ocrx_ctc.alignment import best_path
from ocrx_ctc.lattice import Lattice, Probabilities, Steps
from ocrx_ctc.patterns import Compiled, Patterns
from ocrx_ctc.search import best_texts
from ocrx_ctc.settings import PatternOptions

SURE = 0.5
"""A text that has more than this share of the probability of all texts is the most probable one, so
it need not be searched for."""

TINY = 1e-300

FURTHER = 4
"""How many further texts of a view may be what all views of a line show."""

NOTHING = Match("", 0.0, "")

MANY = 20_000
"""A lattice of more edges is cut down for each line to the characters that may be in it."""

Found: TypeAlias = tuple[tuple[str, ...], float]
"""The characters of a text that matches, and its share of the probability of all that match."""


class PatternDecoder(Decoder):
    """Reads the most probable text that matches a pattern, summed over all paths that spell it.

    If it has check digits that do not hold, the next texts are tried, and the first is read whose
    check digits hold. A line that shows nothing that matches is read without patterns, and says so.
    """

    thread_safe = True

    def __init__(self, patterns: Patterns, options: PatternOptions) -> None:
        self._patterns = patterns
        self._options = options
        self._last: tuple[Sequence[str], Compiled] | None = None

    def prepare(self, charset: Sequence[str]) -> None:
        self._compiled(charset)

    def _compiled(self, charset: Sequence[str]) -> Compiled:
        last = self._last
        if last is None or not (last[0] is charset or [*last[0]] == [*charset]):
            last = self._last = charset, self._patterns.compiled(charset)
        return last[1]

    def decode(self, emissions: Emissions) -> list[Text]:
        return self._read(emissions, self._options.alternatives)

    def candidates(self, emissions: Emissions) -> list[list[Text]]:
        compiled = self._compiled(emissions.charset)
        asked = self._options.alternatives
        found = []
        for row, best in enumerate(self._read(emissions, max(asked, FURTHER))):
            match = best.match or NOTHING
            shown = replace(match, alternatives=match.alternatives[:asked])
            found.append([replace(best, match=shown)])
            for text, share in match.alternatives:
                name, check = self._patterns.matching(compiled, text)
                other = Match(name, share, match.unconstrained, check)
                found[row].append(replace(_aligned(emissions, row, text), match=other))
        return found

    def _read(self, emissions: Emissions, alternatives: int) -> list[Text]:
        compiled = self._compiled(emissions.charset)
        if len(compiled.lattice.char) <= MANY:
            return self._lines(emissions, compiled, compiled.lattice, alternatives)
        lines = [emissions.line(row) for row in range(len(emissions))]
        return [
            self._lines(one, compiled, compiled.lattice.cut(one), alternatives)[0] for one in lines
        ]

    def _lines(
        self, emissions: Emissions, compiled: Compiled, lattice: Lattice, alternatives: int
    ) -> list[Text]:
        steps = lattice.steps(emissions)
        after, totals = lattice.backward(steps)
        free = ctc_greedy(emissions)
        read = [_without(text, lattice) for text in free]
        sure = _shares_of(read, compiled, lattice, steps, totals)
        texts = []
        for row, share in enumerate(sure):
            # No text has more characters than there are steps.
            scale = steps.admitted[row] + log(max(totals[row], TINY))
            if exp(scale / steps.shares.shape[1]) < self._options.least:
                texts.append(replace(free[row], match=Match("", 0.0, free[row].text)))
                continue
            likely: Iterable[Found] = [(read[row].chars, share)]
            if share <= SURE or alternatives or not self._holds(compiled, read[row]):
                likely = _found(lattice, steps.shares[row], after[:, row], float(totals[row]))
            chars, match, mass = self._chosen(likely, compiled, free[row].text, alternatives)
            scale = steps.admitted[row] + log(max(mass * totals[row], TINY))
            if exp(scale / max(1, len(chars))) < max(self._options.least, TINY):
                texts.append(replace(free[row], match=Match("", 0.0, free[row].text)))
            elif chars == read[row].chars:
                texts.append(replace(read[row], match=match))
            else:
                texts.append(replace(_aligned(emissions, row, chars), match=match))
        return texts

    def _chosen(
        self, likely: Iterable[Found], compiled: Compiled, free: str, alternatives: int
    ) -> tuple[tuple[str, ...], Match, float]:
        """The first text whose check digits hold, or else the first; what is to say of it; and its
        share of the probability of all texts that match. `likely` has the most probable first."""
        found = list[tuple[Found, str, bool | None]]()
        failed = 0.0
        for chars, share in islice(likely, self._options.tries):
            name, check = self._patterns.matching(compiled, chars)
            found.append(((chars, share), name, check))
            if check is not False:
                break
            failed += share
        if not found:
            return (), Match("", 0.0, free), 0.0
        place = -1 if found[-1][2] is not False else 0
        (chars, share), name, check = found[place]
        # The texts that were passed over are none.
        probability = share if check is False else share / max(1 - failed, share)
        others = [one for one, _, _ in found] + [*islice(likely, alternatives)]
        others.sort(key=lambda one: -one[1])
        further = [("".join(other), p) for other, p in others if other != chars]
        return chars, Match(name, probability, free, check, tuple(further[:alternatives])), share

    def _holds(self, compiled: Compiled, text: Text) -> bool:
        return self._patterns.matching(compiled, text.chars)[1] is not False


def _found(
    lattice: Lattice, shares: Probabilities, after: Probabilities, total: float
) -> Iterator[Found]:
    """The texts that match, the most probable first."""
    for places, probability in best_texts(lattice, shares, after):
        yield tuple(lattice.chars[place] for place in places), min(1.0, probability / total)


def _shares_of(
    read: Sequence[Text],
    compiled: Compiled,
    lattice: Lattice,
    steps: Steps,
    totals: Probabilities,
) -> list[float]:
    """The share of each text of the probability of all texts that match; 0 if it does not match."""
    place_of = {char: place for place, char in enumerate(lattice.chars)}
    known = [any(one.accepts(text.chars) for one in compiled.automata.values()) for text in read]
    rows = [row for row, matches in enumerate(known) if matches and totals[row] > 0]
    classes = [[1 + place_of[char] for char in read[row].chars] for row in rows]
    logs = log_likelihoods(steps.shares[rows], classes)
    shares = np.zeros(len(read))
    shares[rows] = np.minimum(1.0, np.exp(logs - np.log(totals[rows])))
    return [float(share) for share in shares]


def _without(text: Text, lattice: Lattice) -> Text:
    """The text without white space that no pattern admits."""
    if not any(char.isspace() and char not in lattice.chars for char in text.chars):
        return text
    kept = [i for i, c in enumerate(text.chars) if not c.isspace() or c in lattice.chars]
    return Text(
        tuple(text.chars[i] for i in kept),
        tuple(text.scores[i] for i in kept),
        tuple(text.spans[i] for i in kept),
    )


def _aligned(emissions: Emissions, row: int, chars: Sequence[str]) -> Text:
    """The text on its most probable path."""
    class_of = {char: index + 1 for index, char in enumerate(emissions.charset)}
    path, scores = best_path(emissions, row, [class_of[char] for char in chars])
    return text_of_path(path, scores, emissions.charset, emissions.steps(row))
