"""Boxes of words against EasyOCR's way of finding them, which looks at the whole map each time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx_easyocr.boxes import Box, Map, Thresholds, word_boxes

Seed = st.integers(0, 10_000)


def plainly(text: Map, link: Map) -> Iterator[Box]:
    """The boxes, found as easyocr/craft_utils.py finds them, with its default thresholds."""
    inked, linked = text > 0.4, link > 0.4
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (inked | linked).astype(np.uint8), connectivity=4
    )
    for k in range(1, count):
        x, y, w, h, size = stats[k].tolist()
        if size < 10 or text[labels == k].max() < 0.7:
            continue
        word = ((labels == k) & ~(linked & ~inked)).astype(np.uint8)
        grow = int(math.sqrt(size * min(w, h) / (w * h)) * 2)
        rows = slice(max(0, y - grow), min(len(text), y + h + grow + 1))
        columns = slice(max(0, x - grow), min(text.shape[1], x + w + grow + 1))
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (1 + grow, 1 + grow))
        word[rows, columns] = cv2.dilate(word[rows, columns], kernel)
        points = np.stack(np.nonzero(word)[::-1], axis=1).astype(np.int32)
        box = cv2.boxPoints(cv2.minAreaRect(points))
        sides = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[1] - box[2])
        if abs(1 - max(sides) / (min(sides) + 1e-5)) <= 0.1:
            (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
            box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        yield np.roll(box, 4 - box.sum(axis=1).argmin(), axis=0).astype(np.float32)


def maps(seed: int, height: int, width: int) -> tuple[Map, Map]:
    """Maps with a few blobs, some at the edges."""
    random = np.random.default_rng(seed)
    found = []
    for count in (12, 8):
        one = np.zeros((height, width), np.float32)
        for _ in range(count):
            centre = random.integers((0, 0), (width, height)).tolist()
            axes = random.integers(1, (16, 6)).tolist()
            value = float(random.uniform(0.3, 1))
            cv2.ellipse(one, centre, axes, float(random.uniform(0, 90)), 0, 360, (value,), -1)
        found.append(one)
    return found[0], found[1]


@settings(max_examples=60, deadline=None)
@given(seed=Seed, height=st.integers(8, 90), width=st.integers(8, 120))
def test_boxes_are_those_that_easyocr_finds(seed: int, height: int, width: int) -> None:
    text, link = maps(seed, height, width)
    found = [box for box, _ in word_boxes(text, link, Thresholds())]
    expected = list(plainly(text, link))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=30, deadline=None)
@given(seed=Seed)
def test_each_box_has_the_largest_value_in_it(seed: int) -> None:
    text, link = maps(seed, 60, 90)
    for _, peak in word_boxes(text, link, Thresholds(text=0.8)):
        assert 0.8 <= peak <= text.max()


def test_empty_maps_have_no_boxes() -> None:
    nothing = np.zeros((20, 30), np.float32)
    assert list(word_boxes(nothing, nothing, Thresholds())) == []
