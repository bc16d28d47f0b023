"""How right readings are: from samples and answers to figures with their intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np

from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.bootstrap import Floats, Statistic, Sums, intervals
from ocrx.bench.figures.counts import Counts, Pair, count_line, count_page
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.result import Confusion, Miss, Quality

__all__ = ["Folding", "measure_quality"]

WORST = 20
"""So many pictures are told, the worst first."""

_COLUMNS = tuple(one.name for one in fields(Counts) if one.name != "confusions")


def _precision(sums: Sums) -> tuple[Floats, Floats]:
    """0 where text stands and no box was found."""
    missed = (sums["read_boxes"] == 0) & (sums["true_boxes"] > 0)
    return sums["matched"], sums["read_boxes"] + missed


_STATISTICS: Mapping[str, Statistic] = {
    "characters": lambda s: (np.maximum(s["characters"] - s["errors"], 0), s["characters"]),
    "exact": lambda s: (s["exact"], s["lines"]),
    "words": lambda s: (2 * s["hits"], s["true_words"] + s["read_words"]),
    "precision": _precision,
    "recall": lambda s: (s["matched"], s["true_boxes"]),
    "hmean": lambda s: (2 * s["matched"], s["true_boxes"] + s["read_boxes"]),
}


def measure_quality(
    samples: Sequence[Sample],
    answers: Sequence[Answer | None],
    folding: Folding,
    *,
    seed: int = 0,
) -> Quality:
    """The quality of `answers`, one for each of `samples`; None for a picture that could not be
    read counts as nothing read.

    - Characters: 100 * (1 - edits / true characters) over all pictures, 0 where there are more
      edits than characters. On pages with places, texts are compared place by place: true and read
      lines that overlap by half of the smaller belong together, are joined in reading order, and
      what is left over is missed or made up. So a page read in another order, or lines split
      elsewhere, costs nothing. Without places, texts are compared as they are.
    - Words, for pages: F1 of words as multisets per page, summed over pages.
    - Boxes, for pages with places: precision, recall and their harmonic mean at IoU > 0.5 after
      ICDAR 2015, summed over pages.

    Intervals are drawn over pictures, the same for the same `seed`. Raises ValueError if there are
    not as many answers as samples; UsageError without the extra `bench`.
    """
    counts = [
        _count(sample, answer, folding) for sample, answer in zip(samples, answers, strict=True)
    ]
    columns = {name: np.array([getattr(one, name) for one in counts]) for name in _COLUMNS}
    return Quality(
        samples=len(counts),
        folding=folding.text,
        **intervals(columns, _STATISTICS, seed),
        confusions=_confusions(counts),
        worst=_worst(samples, answers, counts),
    )


def _count(sample: Sample, answer: Answer | None, folding: Folding) -> Counts:
    count = count_line if sample.lines is None else count_page
    return count(sample, answer or Answer(""), folding)


def _confusions(counts: Sequence[Counts]) -> tuple[Confusion, ...]:
    """All there are, so that those of two readers can be added up; the most frequent first."""
    every = Counter[Pair]()
    for count in counts:
        every.update(count.confusions)
    ordered = sorted(every.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(*pair, times) for pair, times in ordered)


def _worst(
    samples: Sequence[Sample], answers: Sequence[Answer | None], counts: Sequence[Counts]
) -> tuple[Miss, ...]:
    """The lowest character accuracy first; of equal ones, that with more errors."""
    wrong = [index for index, count in enumerate(counts) if count.errors]
    wrong.sort(key=lambda i: (_accuracy(counts[i]), -counts[i].errors, samples[i].name))
    return tuple(_miss(samples[i], answers[i], counts[i]) for i in wrong[:WORST])


def _miss(sample: Sample, answer: Answer | None, count: Counts) -> Miss:
    return Miss(sample.name, sample.text, answer.text if answer else "", _accuracy(count))


def _accuracy(count: Counts) -> float:
    return 100 * max(0, count.characters - count.errors) / max(1, count.characters)
