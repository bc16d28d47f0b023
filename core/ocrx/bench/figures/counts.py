"""What is counted on each picture. All figures of quality are ratios of sums of these counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ocrx.bench.data.dataset import Answer, ReadLine, Sample, TrueLine
from ocrx.bench.data.extra import bench_module
from ocrx.bench.data.places import in_order, overlaps
from ocrx.bench.figures.folding import Folding

IOU = 0.5
"""Two boxes match if their intersection over union is above this."""

COVERED = 0.5
"""A box is not scored if more than this part of it lies in a region that is not scored."""

TOGETHER = 0.5
"""A read line belongs to a true line if they share more than this part of the smaller one."""

Pair = tuple[str, str]
"""A true text and what was read for it."""


@dataclass(frozen=True)
class Counts:
    """The counts of one picture.

    `errors` are edits between the folded texts, `characters` the characters of the folded truth.
    `lines` is 1 for a picture of a single line, and `exact` is 1 if it was read without an error.
    On pages, `hits` are words that both texts have, and `matched` are boxes that match.
    """

    errors: int = 0
    characters: int = 0
    lines: int = 0
    exact: int = 0
    hits: int = 0
    true_words: int = 0
    read_words: int = 0
    matched: int = 0
    true_boxes: int = 0
    read_boxes: int = 0
    confusions: Counter[Pair] = field(default_factory=Counter)


def count_line(sample: Sample, answer: Answer, folding: Folding) -> Counts:
    """The counts of a picture of a single line. Raises UsageError without rapidfuzz."""
    truth, read = folding(sample.text), folding(answer.text)
    errors, confusions = _edits([(truth, read)])
    return Counts(errors, len(truth), 1, int(truth == read), confusions=confusions)


def count_page(sample: Sample, answer: Answer, folding: Folding) -> Counts:
    """The counts of a page. If its truth has no places, boxes are not counted. Raises UsageError
    without rapidfuzz or shapely."""
    lines = sample.lines or ()
    truth, read = Counter(folding.words(sample.text)), Counter(folding.words(answer.text))
    located = bool(lines) or not truth
    places = _Places(lines, answer.lines)
    pairs = [(sample.text, answer.text)]
    if lines and (answer.lines or not read):
        pairs = places.pairs()
    errors, confusions = _edits([(folding(true), folding(said)) for true, said in pairs])
    boxes = places.boxes() if located else (0, 0, 0)
    standing = [line.text for line in lines if line.text is not None] if lines else [sample.text]
    return Counts(
        errors=errors,
        characters=sum(len(folding(text)) for text in standing),
        hits=(truth & read).total(),
        true_words=truth.total(),
        read_words=read.total(),
        matched=boxes[0],
        true_boxes=boxes[1],
        read_boxes=boxes[2],
        confusions=confusions,
    )


def _edits(pairs: Sequence[Pair]) -> tuple[int, Counter[Pair]]:
    """The Levenshtein distances of all pairs together, and how often each edit occurs. If one text
    of a pair is empty, its characters are missed or made up, not confused: their edits count
    towards the distance only."""
    distance = bench_module("rapidfuzz.distance").Levenshtein
    errors, edits = 0, Counter[Pair]()
    for truth, read in pairs:
        if not truth or not read:
            errors += len(truth) + len(read)
            continue
        operations = distance.editops(truth, read)
        errors += len(operations)
        for kind, i, j in operations.as_list():
            edits["" if kind == "insert" else truth[i], "" if kind == "delete" else read[j]] += 1
    return errors, edits


class _Places:
    """The true and the read lines of one page, and their overlaps."""

    def __init__(self, truth: Sequence[TrueLine], read: Sequence[ReadLine]) -> None:
        self.truth = truth
        self.read = read
        self.scored = np.array([line.text is not None for line in truth], dtype=bool)
        self.true_areas, self.read_areas, self.shared = overlaps(
            [line.polygon for line in truth], [line.polygon for line in read]
        )
        covered = self.shared[~self.scored].max(axis=0, initial=0)
        self.counted = covered <= COVERED * self.read_areas
        self.closer = self.shared[self.scored].max(axis=0, initial=0) >= covered

    def boxes(self) -> tuple[int, int, int]:
        """The numbers of matches, of true boxes that count and of read boxes that count.

        This is the protocol of ICDAR 2015: each true box takes the first matching read box that is
        still free. https://rrc.cvc.uab.es/?ch=4&com=mymethods&task=1 (script.py)
        """
        union = self.true_areas[:, None] + self.read_areas[None, :] - self.shared
        same = self.shared > IOU * union
        free = self.counted.copy()
        matched = 0
        for index in np.flatnonzero(self.scored):
            for other in np.flatnonzero(same[index] & free)[:1]:
                free[other] = False
                matched += 1
        return matched, int(self.scored.sum()), int(self.counted.sum())

    def pairs(self) -> list[Pair]:
        """The true and the read text of each place.

        Lines that overlap belong to the same place, so neither the order of places nor the split
        into lines makes an error. A text that was read in a region that is not scored is left out,
        unless a scored line overlaps it as much.
        """
        smaller = np.minimum(self.true_areas[:, None], self.read_areas[None, :])
        together = self.shared > TOGETHER * smaller
        used = self.counted | (together[self.scored].any(axis=0) & self.closer)
        return [self._pair(true, said) for true, said in _groups(together, self.scored, used)]

    def _pair(self, true: Sequence[int], said: Sequence[int]) -> Pair:
        lines = [self.truth[i] for i in true]
        reads = [self.read[i] for i in said]
        texts = [line.text or "" for line in lines], [line.text for line in reads]
        orders = (
            in_order([line.polygon for line in lines]),
            in_order([line.polygon for line in reads]),
        )
        truth, read = (
            " ".join(some[i] for i in order) for some, order in zip(texts, orders, strict=True)
        )
        return truth, read


def _groups(
    together: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
    columns: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Iterator[tuple[list[int], list[int]]]:
    """The connected components of a bipartite graph, each as its rows and its columns. `together`
    (R, C) holds the edges; `rows` (R,) and `columns` (C,) select the nodes."""
    left, right = set(np.flatnonzero(rows).tolist()), set(np.flatnonzero(columns).tolist())
    while left:
        found_rows, found_columns = {left.pop()}, set[int]()
        waiting = list(found_rows)
        while waiting:
            new = set(np.flatnonzero(together[waiting.pop()]).tolist()) & right
            right -= new
            found_columns |= new
            for column in new:
                more = set(np.flatnonzero(together[:, column]).tolist()) & left
                left -= more
                found_rows |= more
                waiting += more
        yield sorted(found_rows), sorted(found_columns)
    for column in sorted(right):
        yield [], [column]
