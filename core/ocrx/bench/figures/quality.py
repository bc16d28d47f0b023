"""The quality of readings: from samples and answers to figures with their intervals."""

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
from ocrx.bench.figures.result import Confusion, Extra, Interval, Miss, Quality, Trusted
from ocrx.bench.figures.trust import trusted
from ocrx.errors import PluginError, plugin_errors

__all__ = ["Folding", "measure_quality"]

WORST = 20
"""How many of the worst pictures a result names."""

_COLUMNS = tuple(one.name for one in fields(Counts) if one.name != "confusions")


def _precision(sums: Sums) -> tuple[Floats, Floats]:
    """Precision is 0 if there are true boxes and none was found."""
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


def _ratio(sums: Sums) -> tuple[Floats, Floats]:
    return sums["numerator"], sums["denominator"]


def measure_quality(
    samples: Sequence[Sample],
    answers: Sequence[Answer | None],
    folding: Folding,
    *,
    seed: int = 0,
    metrics: Mapping[str, Metric] = MappingProxyType({}),
) -> Quality:
    """The quality of `answers`, one for each of `samples`. None stands for a picture that could not
    be read; it counts as if nothing had been read.

    - Characters: 100 * (1 - edits / true characters) over all pictures, and 0 if there are more
      edits than characters. On pages with places, texts are compared place by place. True and read
      lines that overlap by half of the smaller one belong together and are joined in reading order;
      lines that belong to no other are missed or made up. So another order of lines, or another
      split into lines, costs nothing. Without places, texts are compared as they are.
    - Words, for pages: F1 of the words of each page as multisets, summed over pages.
    - Boxes, for pages with places: precision, recall and their harmonic mean at IoU > 0.5 after
      ICDAR 2015, summed over pages.
    - Trust, for lines whose answers all have a confidence: a line is right if it is exact.

    `metrics` add further figures, by name. They change none of these.

    Intervals come from draws over pictures; the same `seed` gives the same draws. Raises ValueError
    if there are not as many answers as samples; UsageError if the extra `bench` is not installed;
    PluginError for a metric that fails.
    """
    counts = [
        _count(sample, answer, folding) for sample, answer in zip(samples, answers, strict=True)
    ]
    columns = {name: np.array([getattr(one, name) for one in counts]) for name in _COLUMNS}
    drawn = [
        extra_figure(samples, answers, folding, name, metric, seed=seed)
        for name, metric in metrics.items()
    ]
    return Quality(
        samples=len(counts),
        folding=folding.text,
        **intervals(columns, _STATISTICS, seed),
        trust=_trust(answers, counts, seed),
        confusions=_confusions(counts),
        worst=_worst(samples, answers, counts),
        extra=tuple(one for one in drawn if one is not None),
    )


def extra_figure(
    samples: Sequence[Sample],
    answers: Sequence[Answer | None],
    folding: Folding,
    name: str,
    metric: Metric,
    *,
    seed: int = 0,
) -> Extra | None:
    """The figure that a metric adds, as in `measure_quality`; None if it counts nothing.

    Raises PluginError, in its name, for a metric that fails.
    """
    called = metric.called or f"metric {name!r}"
    with plugin_errors(called):
        counts = [
            metric.count(sample, answer or Answer(""), folding)
            for sample, answer in zip(samples, answers, strict=True)
        ]
        numerator, denominator = np.array(counts, np.float64).reshape(-1, 2).T
    if not (np.isfinite(numerator) & np.isfinite(denominator) & (denominator >= 0)).all():
        raise PluginError(
            f"{called} returned a count that is infinite or NaN, or a negative denominator",
            "Leave it out, and report it to its author.",
        )
    columns: Mapping[str, Floats] = {"numerator": numerator, "denominator": denominator}
    percent = intervals(columns, {name: _ratio}, seed)[name]
    if percent is None:
        return None
    factor = metric.scale / 100
    interval = Interval(percent.value * factor, percent.low * factor, percent.high * factor)
    shown = (metric.title, metric.short, metric.unit, metric.better, metric.digits)
    return Extra(name, *shown, interval)


def _trust(answers: Sequence[Answer | None], counts: Sequence[Counts], seed: int) -> Trusted | None:
    """How far confidences can be trusted; None for pages, and if there are answers without."""
    told = [0.0 if answer is None else answer.confidence for answer in answers]
    sure = [one for one in told if one is not None]
    if len(sure) < len(told) or not all(count.lines for count in counts):
        return None
    return trusted(sure, [bool(count.exact) for count in counts], seed)


def _count(sample: Sample, answer: Answer | None, folding: Folding) -> Counts:
    count = count_line if sample.lines is None else count_page
    return count(sample, answer or Answer(""), folding)


def _confusions(counts: Sequence[Counts]) -> tuple[Confusion, ...]:
    """All confusions, the most frequent first. None is left out, so that those of two readers can
    be added up."""
    every = Counter[Pair]()
    for count in counts:
        every.update(count.confusions)
    ordered = sorted(every.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(*pair, times) for pair, times in ordered)


def _worst(
    samples: Sequence[Sample], answers: Sequence[Answer | None], counts: Sequence[Counts]
) -> tuple[Miss, ...]:
    """The WORST pictures with errors: those of the lowest character accuracy first, and among equal
    ones those with more errors."""
    wrong = [index for index, count in enumerate(counts) if count.errors]
    wrong.sort(key=lambda i: (_accuracy(counts[i]), -counts[i].errors, samples[i].name))
    return tuple(_miss(samples[i], answers[i], counts[i]) for i in wrong[:WORST])


def _miss(sample: Sample, answer: Answer | None, count: Counts) -> Miss:
    return Miss(sample.name, sample.text, answer.text if answer else "", _accuracy(count))


def _accuracy(count: Counts) -> float:
    return 100 * max(0, count.characters - count.errors) / max(1, count.characters)
