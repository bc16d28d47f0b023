"""A figure of how right readings are, as a plugin adds it."""

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
    """A ratio of two sums over pictures, with its interval: `scale` times all that `count` found,
    divided by all that it might have found.

    `title` names the figure in a sentence ("character error rate"), `short` heads its column
    ("CER %"); `digits` is how many decimals are shown.
    """

    title: ClassVar[str]
    short: ClassVar[str]
    unit: ClassVar[str] = "%"
    better: ClassVar[Better] = "higher"
    scale: ClassVar[float] = 100.0
    digits: ClassVar[int] = 1

    @abstractmethod
    def count(self, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
        """Of one picture, what is to be divided by what: (errors, characters), say.

        (0, 0) for a picture that the figure says nothing about. A picture that could not be read
        has an answer without text. `folding` makes equal what the user wants to be equal.
        """


def open_metrics(names: Iterable[str], assembly: Assembly) -> dict[str, Metric]:
    """The metrics of those names. Raises UnknownName for one that is not installed, PluginError for
    one that cannot be made or has the name of a figure of ocrx's own."""
    found: dict[str, Metric] = {}
    for name in names:
        found[name] = cast("Metric", assembly.made("metric", name, Metric))
        if name in MEASURES:
            raise PluginError(
                f"{assembly.name_of('metric', name)} has the name of a figure of ocrx's own",
                "Report it to its author.",
            )
    return found
