"""The interface of metrics, figures of quality that plugins add."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, cast

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
        found[name] = cast("Metric", assembly.made("metric", name, Metric))
        if name in MEASURES:
            raise PluginError(
                f"{assembly.name_of('metric', name)} has the name of one of ocrx's own figures",
                "Report it to its author.",
            )
    return found
