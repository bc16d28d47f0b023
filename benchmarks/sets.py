"""The public sets that the scripts here measure on, as sets.json describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ocrx.bench.data.dataset import Answer, Dataset, Sample
from ocrx.bench.data.load import load_dataset
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.quality import measure_quality
from ocrx.bench.figures.result import Quality

SETS: Mapping[str, Mapping[str, str]] = json.loads(
    Path(__file__).with_name("sets.json").read_text("utf-8")
)
"""By name, the folder in DATA: `what` it is, its `origin`, and what to `fold` before comparing."""

PAGES = ("sroie_pages", "ic15_scene")
LINES = tuple(name for name in SETS if name not in PAGES)


def folding(name: str) -> Folding:
    return Folding(**dict.fromkeys(SETS[name]["fold"].split(","), True))


def load(data: Path, name: str) -> tuple[Dataset, list[str]]:
    """A set, and the paths of its pictures."""
    dataset = load_dataset(data / name)
    return dataset, [str(sample.source) for sample in dataset.samples]


def quality(name: str, samples: Sequence[Sample], texts: Sequence[str]) -> Quality:
    """How right the texts are that were read in pictures of a set."""
    return measure_quality(samples, [Answer(text) for text in texts], folding(name))
