"""The interface of metrics, figures of quality that plugins add."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from math import isfinite
from typing import ClassVar, cast, get_args

from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.measures import MEASURES
from ocrx.bench.figures.result import Better
from ocrx.errors import PluginError
from ocrx.reading.assembly import Assembly


class Metric(ABC):
    """A figure of quality: `scale` times the ratio of two sums over pictures. The core computes its
    interval."""

    title: ClassVar[str]
    """Its name in a sentence: "character error rate"."""

    short: ClassVar[str]
    """The head of its column: "CER %"."""

    unit: ClassVar[str] = "%"
    """The unit shown after its values; "" for none."""

    better: ClassVar[Better] = "higher"
    """Which values are better: "higher", "lower" or "neither"."""

    scale: ClassVar[float] = 100.0
    """The factor that the ratio is multiplied by."""

    digits: ClassVar[int] = 1
    """The number of decimals shown."""

    called: str = ""
    """What errors call it; ocrx sets it."""

    @abstractmethod
    def count(self, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
        """What one picture adds to the numerator and to the denominator, for instance (errors,
        characters).

        Both are finite, and the second is not negative. (0, 0) leaves the picture out. A picture
        that could not be read has an answer without text. `folding` is the user's choice of what to
        make equal before texts are compared.
        """


def open_metrics(names: Iterable[str], assembly: Assembly) -> dict[str, Metric]:
    """The metrics by name. Raises UnknownName for a metric that is not installed, PluginError for
    one that cannot be built or that has the name of one of ocrx's own figures."""
    found: dict[str, Metric] = {}
    for name in names:
        metric = cast("Metric", assembly.made("metric", name, Metric))
        metric.called = assembly.name_of("metric", name)
        own = "has the name of one of ocrx's own figures" if name in MEASURES else ""
        fault = own or _fault(metric)
        if fault:
            raise PluginError(f"{metric.called} {fault}", "Report it to its author.")
        found[name] = metric
    return found


def _fault(metric: Metric) -> str:
    """What is wrong with what it says of itself; "" if nothing is."""
    for name in ("title", "short", "unit"):
        value = getattr(metric, name, None)
        if not isinstance(value, str) or not (value or name == "unit"):
            return f"has the {name} {value!r}, which is no text"
    if metric.better not in get_args(Better):
        return f"says {metric.better!r} of which values are better"
    if not isinstance(metric.scale, int | float) or not isfinite(metric.scale):
        return f"has the scale {metric.scale!r}, which is no number"
    if not isinstance(metric.digits, int) or metric.digits < 0:
        return f"has {metric.digits!r} digits"
    return ""
