"""The contract of metrics."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import Metric
from ocrx.bench.figures.quality import measure_quality
from ocrx.testing.checks import check


class MetricContract:
    """What the core relies on in a Metric. Define `make` and `examples`."""

    def make(self) -> Metric:
        """A new instance of the metric under test."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    @abstractmethod
    def examples(self) -> list[tuple[Sample, Answer, float]]:
        """Samples, what was read in each, and the figure for each alone. There must be at least two
        different figures."""
        raise NotImplementedError(f"{type(self).__name__} must define examples()")

    def test_it_says_what_it_is_called(self) -> None:
        metric = self.make()
        for name in ("title", "short", "unit"):
            text = getattr(metric, name, None)
            check(isinstance(text, str) and (text or name == "unit"), f"{name} is {text!r}")
        check(
            metric.better in ("higher", "lower", "neither"),
            f"better is {metric.better!r}, neither higher, lower nor neither",
        )

    def test_the_figures_are_right(self) -> None:
        examples = self.examples()
        check(len({figure for *_, figure in examples}) > 1, "examples() has only one figure")
        for sample, answer, expected in examples:
            extra = measure_quality(
                [sample], [answer], Folding(), metrics={"it": self.make()}
            ).extra
            value = extra[0].interval.value if extra else None
            check(
                value is not None and abs(value - expected) < 1e-6,
                f"for {sample.text!r} read as {answer.text!r} it gives {value}, not {expected}",
            )

    def test_counts_are_numbers_whatever_was_read(self) -> None:
        metric = self.make()
        for sample, answer, _ in self.examples():
            for read in (answer, Answer(""), Answer("\x00 \ud83d\n" * 9)):
                for folding in (Folding(), Folding(case=True, punctuation=True)):
                    numerator, denominator = metric.count(sample, read, folding)
                    check(
                        np.isfinite([numerator, denominator]).all() and denominator >= 0,
                        f"for {sample.text!r} read as {read.text!r} it counts {numerator} of "
                        f"{denominator}",
                    )
