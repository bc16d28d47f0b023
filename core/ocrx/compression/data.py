"""The pictures on which a model is compressed, and those on which the result is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocrx.bench.data.dataset import Dataset, TrueLine, limited
from ocrx.bench.data.info import content, picture, texts_of
from ocrx.errors import InputError, UsageError
from ocrx.interfaces.compression import Labelled
from ocrx.names import Task
from ocrx.page.geometry import along_text, crop, upright
from ocrx.types import Image, Quad

LEAST = {"recognition": 16, "detection": 4}
"""The fewest pictures of lines, or of pages, that say what a network is fed."""

MOST = {"recognition": 256, "detection": 16}
"""The most on which a network is calibrated. More find the same scales."""


@dataclass(frozen=True)
class Pictures:
    """`learned` is what compressors see, `held` what the figures are measured on."""

    learned: Dataset
    held: Dataset


def divided(data: Dataset, test: Dataset | None, task: Task, *, budget: bool = False) -> Pictures:
    """The pictures of `data` for learning and those of `test` for the figures. Without `test`,
    every second picture of `data` is held back for them. Those for learning need no text, unless a
    `budget` is to be kept on them.

    Raises UsageError for data of too few pictures, without text, or not of that task.
    """
    learned, held = (data, test) if test else (_every_second(data, 0), _every_second(data, 1))
    for one in (learned, held):
        if task == "detection" and one.kind == "lines":
            raise UsageError(
                f"{one.name} holds single lines, on which no detector can be measured",
                "Give a dataset of pages.",
            )
        if len(one.samples) < LEAST[task]:
            whole = "" if test else f", of {len(data.samples)}, half of them held back for figures,"
            raise UsageError(
                f"{len(one.samples)} pictures{whole} are too few for a {task} network",
                f"Give a dataset of {LEAST[task] * (1 if test else 2)} or more.",
            )
    for one in (learned, held) if budget else (held,):
        if not any(text for sample in one.samples for text in texts_of(sample)):
            use = "the figures are measured on" if one is held else "the budget is judged on"
            raise UsageError(
                f"{one.name}: none of the {len(one.samples)} pictures that {use} has a text",
                "Give a dataset of pictures with text.",
            )
    return Pictures(learned, held)


def images(data: Dataset, task: Task) -> list[Image]:
    """What a network of that task is fed: pages, or the lines in them. At most MOST.

    Raises UsageError if too few of the pictures can be read.
    """
    most = MOST[task]
    found = list(every(limited(data, most) if task == "detection" else data, task))
    if len(found) > most:
        found = [found[i * len(found) // most] for i in range(most)]
    if len(found) < LEAST[task]:
        raise UsageError(
            f"only {len(found)} pictures of {data.name} can be read, too few for a {task} network",
            "See what `ocrx dataset` says of it.",
        )
    return found


def every(data: Dataset, task: Task) -> Iterator[Image]:
    """All that a network of that task is to see: pages, or the lines in them."""
    if task == "detection":
        return (image for _, image in _pictures(data))
    return (image for image, _ in lines(data))


def lines(data: Dataset) -> Iterator[Labelled]:
    """The lines of the pictures, cut out of pages, with their texts. Lines that are not scored, and
    pictures that cannot be read, are left out."""
    for index, image in _pictures(data):
        sample = data.samples[index]
        if sample.lines is None:
            yield image, sample.text
        for line in sample.lines or ():
            if line.text:
                yield crop(image, _quad(line)), line.text


def _quad(line: TrueLine) -> Quad:
    box = cv2.boxPoints(cv2.minAreaRect(np.array(line.polygon, np.float32)))
    return along_text(upright(box))


def _pictures(data: Dataset) -> Iterator[tuple[int, Image]]:
    for index, sample in enumerate(data.samples):
        with suppress(InputError):
            yield index, picture(sample, content(sample))


def _every_second(data: Dataset, first: int) -> Dataset:
    return replace(data, samples=[data.samples[i] for i in range(first, len(data.samples), 2)])
