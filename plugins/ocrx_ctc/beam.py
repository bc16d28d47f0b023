"""Prefix beam search: the text whose probability, summed over all paths that spell it, is highest.

Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.5.3; Hannun
et al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent
DNNs", 2014, algorithm 1, without a language model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path

import numpy as np

from ocrx.errors import UsageError
from ocrx.interfaces.decoding import BLANK, Decoder, Emissions
from ocrx.networks.decode.ctc import text_of_path
from ocrx.types import Text
from ocrx_ctc.alignment import best_path
from ocrx_ctc.settings import BeamOptions


class Beam(Decoder):
    """Keeps the `width` most probable prefixes at each step. With a large `width` it is exact.

    Characters get the scores and spans that they have on the most probable path of the text.
    """

    thread_safe = True

    def __init__(self, options: BeamOptions) -> None:
        self._options = options
        self._words = read_words(options.words) if options.words else frozenset()

    def decode(self, emissions: Emissions) -> list[Text]:
        return [self._line(emissions, row) for row in range(len(emissions))]

    def _line(self, emissions: Emissions, row: int) -> Text:
        search = _Search(self._options.width)
        for step in _steps(emissions, row, self._options.threshold):
            search.advance(step)
        labels = self._chosen(list(search.candidates()), emissions.charset)
        path, scores = best_path(emissions, row, labels)
        return text_of_path(path, scores, emissions.charset, emissions.steps(row))

    def _chosen(self, candidates: Sequence[list[int]], charset: Sequence[str]) -> list[int]:
        """The first candidate that consists of the words, or else the first."""
        if self._words:
            for labels in candidates:
                written = "".join(charset[label - 1] for label in labels).split()
                if written and self._words.issuperset(written):
                    return labels
        return candidates[0]


def read_words(path: str) -> frozenset[str]:
    """The words of a text file in UTF-8, one on each line. Raises UsageError if there are none or
    it cannot be read."""
    try:
        found = Path(path).expanduser().read_text("utf-8-sig").split()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the words in {path} cannot be read: {error}", "Give a text file in UTF-8."
        ) from error
    if not found:
        raise UsageError(f"{path} has no words", "Give a file with a word on each line.")
    return frozenset(found)


@dataclass(frozen=True)
class _Step:
    """The probabilities at one step: of the blank, and of the classes above the threshold, the most
    probable first."""

    blank: float
    classes: dict[int, float]


def _steps(emissions: Emissions, row: int, threshold: float) -> Iterator[_Step]:
    values = emissions.values[row]
    least = np.log(max(threshold, np.finfo(np.float32).tiny)) if emissions.log else threshold
    for here in values:
        found = np.flatnonzero(here >= least)
        found = found[np.argsort(-here[found], kind="stable")]
        probabilities = (np.exp(here[found]) if emissions.log else here[found]).tolist()
        classes = dict(zip(found.tolist(), probabilities, strict=True))
        yield _Step(classes.pop(BLANK, 0.0), classes)


class _Search:
    """The prefixes that are kept, as nodes of a tree: a node is its parent's prefix and one class.

    A kept prefix has two probabilities: of its paths that end in a blank, and of those that end in
    its class. Both are scaled at each step so that the most probable prefix has 1. Only ratios
    matter, and products over hundreds of steps would underflow.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._parents = [-1]
        self._lasts = [BLANK]
        self._children: dict[tuple[int, int], int] = {}
        self._kept: dict[int, tuple[float, float]] = {0: (1.0, 0.0)}

    def candidates(self) -> Iterator[list[int]]:
        """The classes of each text that is left, the most probable first."""
        for kept in self._kept:
            node, labels = kept, []
            while node:
                labels.append(self._lasts[node])
                node = self._parents[node]
            yield labels[::-1]

    def advance(self, step: _Step) -> None:
        classes = self._considered(step.classes)
        blanks: dict[int, float] = {}
        others: dict[int, float] = {}
        for node, (blank, other) in self._kept.items():
            last, total = self._lasts[node], blank + other
            blanks[node] = total * step.blank
            others[node] = others.get(node, 0.0) + other * step.classes.get(last, 0.0)
            for one, probability in classes:
                child = self._child(node, one)
                # A repeated class is a new character only after a blank.
                before = blank if one == last else total
                others[child] = others.get(child, 0.0) + before * probability
        totals = {node: blanks.get(node, 0.0) + other for node, other in others.items()}
        best = nlargest(self._width, totals, key=totals.__getitem__)
        scale = totals[best[0]]
        if scale > 0:  # otherwise no class reached the threshold: the step tells nothing
            self._kept = {n: (blanks.get(n, 0.0) / scale, others[n] / scale) for n in best}

    def _considered(self, classes: dict[int, float]) -> Sequence[tuple[int, float]]:
        """The classes that can lead to a prefix that will be kept. These are the `width` + 1 most
        probable, because one of them may repeat the last class, and the last classes of the
        prefixes that are kept now."""
        lasts = {self._lasts[node] for node in self._kept}
        return [
            (one, probability)
            for place, (one, probability) in enumerate(classes.items())
            if place <= self._width or one in lasts
        ]

    def _child(self, node: int, one: int) -> int:
        child = self._children.get((node, one))
        if child is None:
            child = self._children[node, one] = len(self._parents)
            self._parents.append(node)
            self._lasts.append(one)
        return child
