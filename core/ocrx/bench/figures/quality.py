"""How right readings are: from samples and answers to figures with their intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType

import numpy as np

from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.bootstrap import Floats, Statistic, Sums, intervals
from ocrx.bench.figures.counts import Counts, Pair, count_line, count_page
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import Metric
from ocrx.bench.figures.result import Confusion, Extra, Interval, Miss, Quality
from ocrx.errors import PluginError, plugin_errors

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


def _above_below(sums: Sums) -> tuple[Floats, Floats]:
    return sums["above"], sums["below"]


def measure_quality(
    samples: Sequence[Sample],
    answers: Sequence[Answer | None],
    folding: Folding,
    *,
    seed: int = 0,
    metrics: Mapping[str, Metric] = MappingProxyType({}),
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

    - `metrics`, by name, add figures of their own, and change none of these.

    Intervals are drawn over pictures, the same for the same `seed`. Raises ValueError if there are
    not as many answers as samples; UsageError without the extra `bench`; PluginError for a metric
    that fails.
    """
    counts = [
        _count(sample, answer, folding) for sample, answer in zip(samples, answers, strict=True)
    ]
    columns = {name: np.array([getattr(one, name) for one in counts]) for name in _COLUMNS}
    extra = {name: _ratio(samples, answers, folding, one, name) for name, one in metrics.items()}
    drawn = {name: intervals(one, {name: _above_below}, seed)[name] for name, one in extra.items()}
    return Quality(
        samples=len(counts),
        folding=folding.text,
        **intervals(columns, _STATISTICS, seed),
        confusions=_confusions(counts),
        worst=_worst(samples, answers, counts),
        extra=tuple(_extra(name, metrics[name], one) for name, one in drawn.items() if one),
    )


def _ratio(
    samples: Sequence[Sample],
    answers: Sequence[Answer | None],
    folding: Folding,
    metric: Metric,
    name: str,
) -> Mapping[str, Floats]:
    """What the metric counts on each picture."""
    with plugin_errors(f"metric {name!r}"):
        counts = [
            metric.count(sample, answer or Answer(""), folding)
            for sample, answer in zip(samples, answers, strict=True)
        ]
        above, below = np.array(counts, np.float64).reshape(-1, 2).T
    if not (np.isfinite(above) & np.isfinite(below) & (below >= 0)).all():
        raise PluginError(
            f"metric {name!r} counts what is not finite or less than nothing",
            "Leave it out, and report it to its author.",
        )
    return {"above": above, "below": below}


def _extra(name: str, metric: Metric, percent: Interval) -> Extra:
    factor = metric.scale / 100
    interval = Interval(percent.value * factor, percent.low * factor, percent.high * factor)
    shown = (metric.title, metric.short, metric.unit, metric.better, metric.digits)
    return Extra(name, *shown, interval)


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
