"""A user's own pictures: read, checked, and divided into parts that share none."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrx.bench.data.dataset import Dataset, Sample
from ocrx.bench.data.info import content, picture
from ocrx.bench.data.load import load_dataset
from ocrx.errors import InputError, UsageError
from ocrx.page.geometry import crop, upright
from ocrx.types import Image
from ocrx_training.charset import Charset
from ocrx_training.finetuning.examples import Example

LEAST = 5
"""Pictures that a dataset must have: to learn from, to choose by, and to report on."""

JUDGED = 0.15
"""The share of the pictures to learn from that choose among checkpoints instead."""

Tell = Callable[[str], None]
"""Is told what was left out."""


@dataclass(frozen=True)
class Labelled:
    """A picture of a line with its text; `key` is the sha256 of its pixels."""

    key: str
    sample: Sample

    def picture(self) -> Image:
        """The picture, RGB uint8 (H, W, 3)."""
        return picture(self.sample, content(self.sample))


@dataclass(frozen=True)
class Divided:
    """Pictures to learn from, to choose among checkpoints by, and to report on."""

    learnt: Sequence[Labelled]
    judged: Sequence[Labelled]
    reported: Sequence[Labelled]


def read_labelled(path: Path, tell: Tell) -> list[Labelled]:
    """The lines of a dataset in any form, each picture once. Lines of pages are cut out.

    Raises InputError for a dataset that has none, or one picture with two texts, and what
    `load_dataset` raises.
    """
    found: dict[str, Labelled] = {}
    left = 0
    for sample in _lines(load_dataset(path), tell):
        try:
            image = picture(sample, content(sample))
        except InputError as error:
            tell(f"left out: {error.message}")
            continue
        key = hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()
        known = found.setdefault(key, Labelled(key, sample))
        if known.sample.text != sample.text:
            raise InputError(
                f"{known.sample.name} and {sample.name} are the same picture, with the texts "
                f"{known.sample.text!r} and {sample.text!r}",
                "Correct one of the labels.",
            )
        left += known.sample is not sample
    if left:
        tell(f"left out: {left} pictures that are there twice")
    if not found:
        raise InputError(f"{path} has no picture that can be read", "Give another dataset.")
    return list(found.values())


def _lines(dataset: Dataset, tell: Tell) -> Iterator[Sample]:
    """The dataset's lines, those of pages cut out, without those that have no text."""
    for sample in dataset.samples:
        if sample.lines is None:
            if sample.text.strip():
                yield sample
            continue
        try:
            page = picture(sample, content(sample))
        except InputError as error:
            tell(f"left out: {error.message}")
            continue
        for number, line in enumerate(sample.lines):
            if line.text and line.text.strip():
                box = cv2.boxPoints(cv2.minAreaRect(np.array(line.polygon, np.float32)))
                yield Sample(
                    f"{sample.name}, line {number + 1}", crop(page, upright(box)), line.text
                )


def learnt_text(text: str, charset: Charset) -> str:
    """A label as it is learnt: in upper case for a charset without lower case, without white space
    for one without the space."""
    if charset.characters == charset.characters.upper():
        text = text.upper()
    return ("" if " " not in charset.characters else " ").join(text.split())


def check_labels(labelled: Iterable[Labelled], charset: Charset) -> None:
    """Raise InputError for labels with characters outside the charset, UsageError for those that
    run from right to left."""
    known = set(charset.characters)
    wrong = [(one.sample, set(learnt_text(one.sample.text, charset)) - known) for one in labelled]
    strange = [(sample, chars) for sample, chars in wrong if chars]
    if strange:
        first = strange[0][0]
        told = " ".join(map(repr, sorted({char for _, chars in strange for char in chars})))
        raise InputError(
            f"{len(strange)} labels have characters outside the charset: {told} "
            f"(the first is {first.text!r}, of {first.name})",
            "Correct the labels, give a --charset that has them, or begin with a recogniser that "
            "knows them.",
        )
    for one in labelled:
        if any(unicodedata.bidirectional(char) in ("R", "AL") for char in one.sample.text):
            raise UsageError(
                f"{one.sample.name} runs from right to left, which cannot be learnt yet",
                "Leave such lines out.",
            )


def divide(labelled: Sequence[Labelled], held_out: float, seed: int) -> Divided:
    """The pictures in three parts, by their content: the same for the same pictures and seed.

    Raises InputError for fewer than LEAST.
    """
    if len(labelled) < LEAST:
        raise InputError(
            f"{len(labelled)} different pictures are too few to learn from and to report on",
            f"Give at least {LEAST}; a few hundred are a good beginning.",
        )
    ordered = sorted(
        labelled, key=lambda one: hashlib.sha256(f"{seed} {one.key}".encode()).digest()
    )
    reported = min(max(1, round(held_out * len(ordered))), len(ordered) - 2)
    learnt, judged = _with_judged(ordered[reported:])
    return Divided(learnt, judged, ordered[:reported])


def divide_with(labelled: Sequence[Labelled], test: Sequence[Labelled], seed: int) -> Divided:
    """The same with a dataset of its own to report on. Raises InputError if they share a picture,
    or if there are too few."""
    known = {one.key: one.sample.name for one in labelled}
    for one in test:
        if one.key in known:
            raise InputError(
                f"{one.sample.name} of the test is also learnt from, as {known[one.key]}",
                "Take it out of one of the two.",
            )
    divided = divide(labelled, 1e-9, seed)
    return Divided([*divided.learnt, *divided.reported], divided.judged, test)


def _with_judged(ordered: Sequence[Labelled]) -> tuple[Sequence[Labelled], Sequence[Labelled]]:
    judged = max(1, round(JUDGED * len(ordered)))
    return ordered[judged:], ordered[:judged]


class ChangedExamples:
    """Examples in another order each time around, all changed a little. `get` gives each of `size`
    as it is."""

    def __init__(self, size: int, get: Callable[[int], Example], seed: int) -> None:
        self._size, self._get, self._seed = size, get, seed

    def pool(self, number: int, count: int) -> list[Example]:
        random = np.random.default_rng([self._seed, 1, number])
        chosen = (self._get(place) for place in self._places(number * count, count))
        return [one._replace(picture=changed(one.picture, random)) for one in chosen]

    def _places(self, start: int, count: int) -> Iterator[int]:
        """`count` places from `start` on, in rounds that have each picture once."""
        size = self._size
        for at in range(start, start + count):
            order = np.random.default_rng([self._seed, 2, at // size]).permutation(size)
            yield int(order[at % size])


def labelled_examples(labelled: Sequence[Labelled], charset: Charset, seed: int) -> ChangedExamples:
    """The examples of a dataset."""

    def get(place: int) -> Example:
        one = labelled[place]
        return Example(one.picture(), learnt_text(one.sample.text, charset))

    return ChangedExamples(len(labelled), get, seed)


def changed(picture: Image, random: np.random.Generator) -> Image:
    """Another picture of the same line: cut a little tighter or looser, in other colours, blurred.

    uint8 (H, W, 3), as is the result.
    """
    height, width = picture.shape[:2]
    edges = np.round(random.uniform(-0.06, 0.1, 4) * height).astype(int).tolist()
    top, bottom, left, right = (max(edge, -(height // 8), -(width // 16)) for edge in edges)
    over, under, before, behind = (max(edge, 0) for edge in (top, bottom, left, right))
    wide = cv2.copyMakeBorder(picture, over, under, before, behind, cv2.BORDER_REPLICATE)
    tall, long = wide.shape[:2]
    wide = wide[max(-top, 0) : tall - max(-bottom, 0), max(-left, 0) : long - max(-right, 0)]
    if random.random() < 0.2:
        wide = np.asarray(cv2.GaussianBlur(wide, (0, 0), height / 48 * random.uniform(0.4, 1)))
    levels = (np.arange(256) - 127.5) * random.uniform(0.75, 1.15) + 127.5
    table = np.clip(levels + random.uniform(-25, 25), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(np.ascontiguousarray(wide), table), np.uint8)
