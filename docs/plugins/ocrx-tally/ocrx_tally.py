"""A recogniser that reads tally marks, one for every upright stroke, and a command that counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import ocrx
from ocrx.interfaces.components import Recognizer
from ocrx.plugins.registrar import Registrar
from ocrx.types import Image, Text


class TallyRecognizer(Recognizer):
    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return [tally(crop) for crop in crops]


def tally(crop: Image) -> Text:
    ink = (crop.mean(axis=2) < 128).mean(axis=0) > 0.5  # columns that are mostly dark
    edges = np.flatnonzero(np.diff(ink, prepend=False, append=False)) / len(ink)
    spans = tuple((float(start), float(end)) for start, end in edges.reshape(-1, 2))
    return Text(("|",) * len(spans), (1.0,) * len(spans), spans)


def count(pictures: list[Path]) -> None:
    """Count the tally marks in pictures."""
    with ocrx.Reader(recognizer="tally", layout="line") as reader:
        for page in reader.read_many(pictures):
            print(f"{page.source}: {len(page.text)}")


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("recognizer", "tally", lambda request: TallyRecognizer())
    registry.add("command", "tally", lambda request: count)
