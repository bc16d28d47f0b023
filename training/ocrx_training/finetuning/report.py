"""How well a recogniser reads the pictures that were held out, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocrx.bench.data.dataset import Answer
from ocrx.bench.figures.quality import Folding, measure_quality
from ocrx.bench.figures.result import Interval, Quality
from ocrx.reading.reader import Reader
from ocrx_training.charset import Charset
from ocrx_training.finetuning.dataset import Labelled


@dataclass(frozen=True)
class Report:
    """The quality of the recogniser as it was, and as it is, on the same pictures."""

    before: Quality
    after: Quality

    def lines(self) -> list[str]:
        """The report in words, with 95 % intervals."""
        told = [
            f"{self.before.samples} pictures held out, compared after folding: "
            f"{self.before.folding}"
        ]
        for name, was, now in (
            ("characters", self.before.characters, self.after.characters),
            ("exact lines", self.before.exact, self.after.exact),
        ):
            told.append(f"{name:<12} {_shown(was)}  ->  {_shown(now)}")
        return told


def _shown(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{interval.value:5.1f} % ({interval.low:.1f} to {interval.high:.1f})"


def folding_for(charset: Charset) -> Folding:
    """What must not count as an error: case and spaces that the charset does not have."""
    folds_case = charset.characters == charset.characters.upper()
    return Folding(case=folds_case, white_space=" " not in charset.characters)


def quality_of(
    reference: str, options: Mapping[str, Any], labelled: Sequence[Labelled], folding: Folding
) -> Quality:
    """The quality with which a recogniser reads lines."""
    pictures = [one.picture() for one in labelled]
    with Reader(recognizer=reference, layout="line", options={"recognizer": options}) as reader:
        answers = [
            Answer(" ".join(line.text for line in page.lines))
            for page in reader.read_many(pictures)
        ]
    return measure_quality([one.sample for one in labelled], answers, folding)
