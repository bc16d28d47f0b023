"""Lines that were read across a gutter, on pages drawn with Pillow's own font."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from ocrx.page.geometry import crop
from ocrx.page.gutters import parted, stretches
from ocrx.types import Image, Quad, Span, frozen_quad

SIZE = 20
PITCH = 26
WORDS = re.findall(
    r"\w+",
    "dog seven fox harbours potent near across every while lazy brown the before quick over"
    " lantern breaks quiet and with under of it is in a to be model results shown between",
)


LONG_WORDS = re.findall(r"\w+", "mountain building thunder station language winter theory reader")
"""They leave spaces as wide as a gutter in narrow lines that are justified."""


@dataclass
class Sheet:
    """A page on which text is set, and the boxes that a detector would draw on it."""

    width: int = 1000
    height: int = 900
    seed: int = 1
    words: list[str] = field(default_factory=lambda: WORDS)
    boxes: list[Quad] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.picture = PilImage.new("RGB", (self.width, self.height), "white")
        self.draw = ImageDraw.Draw(self.picture)
        self.font = ImageFont.load_default(SIZE)
        self.chance = random.Random(self.seed)

    def justified(self, x: float, y: float, width: float) -> None:
        """One line that fills the column from its left to its right edge."""
        words: list[str] = []
        while self.draw.textlength(" ".join(words), self.font) <= width:
            words.append(self.chance.choice(self.words))
        words.pop()
        blank = width - sum(self.draw.textlength(word, self.font) for word in words)
        for word in words:
            self.draw.text((x, y), word, "black", self.font)
            x += self.draw.textlength(word, self.font) + blank / (len(words) - 1)

    def text(self, x: float, y: float, text: str) -> None:
        self.draw.text((x, y), text, "black", self.font)

    def box(self, x: float, y: float, width: float) -> None:
        """A box around a line, with the margin that detectors leave."""
        left, top, right, bottom = x - 4, y - 1, x + width + 4, y + PITCH - 2
        self.boxes.append(frozen_quad([[left, top], [right, top], [right, bottom], [left, bottom]]))

    def parts(self) -> list[list[Span]]:
        image: Image = np.array(self.picture)
        return parted(self.boxes, [stretches(crop(image, box)) for box in self.boxes])

    def places(self) -> list[list[tuple[float, float]]]:
        """The parts of each line in pixels from the left."""
        edges = [(float(box[0, 0]), float(box[1, 0])) for box in self.boxes]
        return [
            [(left + s * (right - left), left + e * (right - left)) for s, e in spans]
            for spans, (left, right) in zip(self.parts(), edges, strict=True)
        ]


def columns(
    count: int,
    lines: int,
    gutter: float,
    width: float = 300,
    seed: int = 1,
    *,
    words: list[str] = WORDS,
) -> Sheet:
    """Justified columns, `gutter` ems apart, with one box across all of them for each line."""
    sheet = Sheet(seed=seed, words=words)
    step = width + gutter * SIZE
    for i in range(lines):
        for k in range(count):
            sheet.justified(30 + k * step, 100 + PITCH * i, width)
        sheet.box(30, 100 + PITCH * i, step * (count - 1) + width)
    return sheet


WHOLE = [(0.0, 1.0)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("gutter", [1.2, 1.6, 2.5])
@pytest.mark.parametrize("count", [2, 3])
def test_a_box_across_columns_is_parted_at_the_gutter(count: int, gutter: float, seed: int) -> None:
    sheet = columns(count, 12, gutter, 280, seed)
    step = 280 + gutter * SIZE
    for parts in sheet.places():
        assert len(parts) == count
        for k, (start, end) in enumerate(parts):
            assert 30 + k * step - 6 <= start <= 30 + k * step + 1
            assert 30 + k * step + 278 <= end <= 30 + k * step + 286


@pytest.mark.parametrize("lines", [4, 6])
def test_a_few_lines_are_enough_where_the_gutter_is_wide(lines: int) -> None:
    assert [len(parts) for parts in columns(2, lines, 2.0, 420).parts()] == [2] * lines


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("count", "lines", "width"), [(2, 6, 380), (2, 14, 300), (3, 14, 240)])
def test_spaces_in_justified_lines_may_be_wide(
    count: int, lines: int, width: int, seed: int
) -> None:
    sheet = columns(count, lines, 1.2, width, seed, words=LONG_WORDS)
    assert [len(parts) for parts in sheet.parts()] == [count] * lines


def test_a_gutter_hardly_wider_than_spaces_needs_many_lines() -> None:
    assert [len(parts) for parts in columns(2, 25, 0.9, 420).parts()] == [2] * 25
    assert columns(2, 3, 0.9, 420).parts() == [WHOLE] * 3


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "words"), [(300, WORDS), (700, WORDS), (460, LONG_WORDS)])
def test_one_column_is_left_alone(width: int, words: list[str], seed: int) -> None:
    """The rivers that run through justified text are no gutters."""
    sheet = columns(1, 28, 0, width, seed, words=words)
    assert sheet.parts() == [WHOLE] * 28


def test_a_rule_in_the_gutter_is_no_text() -> None:
    sheet = columns(2, 12, 1.4, 420)
    x = 30 + 420 + 0.7 * SIZE
    sheet.draw.line((x, 80, x, 500), fill="black", width=2)
    assert [len(parts) for parts in sheet.parts()] == [2] * 12


def test_a_heading_across_columns_stays_whole() -> None:
    sheet = columns(2, 12, 1.4, 420)
    sheet.justified(30, 60, 868)
    sheet.box(30, 60, 868)
    sheet.justified(30, 100 + 13 * PITCH, 868)
    sheet.box(30, 100 + 13 * PITCH, 868)
    assert [len(parts) for parts in sheet.parts()] == [2] * 12 + [1, 1]


@pytest.mark.parametrize("every", [3, 12])
def test_boxes_that_stop_at_the_gutter_count_too(every: int) -> None:
    """Most lines were found apart; the few that were not are parted as those are."""
    sheet = Sheet()
    for i in range(12):
        sheet.justified(30, 100 + PITCH * i, 420)
        sheet.justified(478, 100 + PITCH * i, 420)
        if i % every == 0:
            sheet.box(30, 100 + PITCH * i, 868)
        else:
            sheet.box(30, 100 + PITCH * i, 420)
            sheet.box(478, 100 + PITCH * i, 420)
    assert [len(parts) for parts in sheet.parts()] == [2, *[1, 1] * (every - 1)] * (12 // every)


def test_a_table_stays_in_rows() -> None:
    sheet = Sheet()
    for i in range(15):
        sheet.text(30, 100 + PITCH * i, sheet.chance.choice(WORDS))
        sheet.text(250, 100 + PITCH * i, str(sheet.chance.randint(1, 20)))
        sheet.text(400, 100 + PITCH * i, f"{sheet.chance.randint(100, 9999) / 100:.2f}")
        sheet.box(30, 100 + PITCH * i, 440)
    assert sheet.parts() == [WHOLE] * 15


def test_half_a_letter_of_the_next_column_is_left_out() -> None:
    """A box that begins in the last letter of the column before."""
    sheet = columns(2, 12, 1.4, 420)
    for i, (_, end) in enumerate([parts[0] for parts in sheet.places()]):
        if i % 4 == 0:
            x0, y0, x1, y1 = 30, 100 + PITCH * i, 450, 100 + PITCH * (i + 1)
            sheet.boxes[i] = frozen_quad(
                [[x0 - 4, y0 - 1], [x1 + 4, y0 - 1], [x1 + 4, y1 - 2], [x0 - 4, y1 - 2]]
            )
            sheet.box(end - 8, y0, 478 + 420 - end + 8)
    parts = sheet.parts()
    assert [len(one) for one in parts] == [1, 2, 2, 2] * 3 + [1] * 3
    assert all(parts[0][0] > 460 for parts in sheet.places()[12:])


def test_a_line_that_reaches_into_the_box_of_a_photograph_is_kept() -> None:
    sheet = columns(2, 12, 1.4, 420)
    left, top = 30, 100 + 12 * PITCH
    sheet.text(left, top, " ".join(LONG_WORDS))
    sheet.box(left, top, sheet.draw.textlength(" ".join(LONG_WORDS), sheet.font))
    right, bottom = left + 868, top + 440  # the box begins above the middle of the line
    sheet.boxes.append(frozen_quad([[0, top + 8], [right, top + 8], [right, bottom], [0, bottom]]))
    assert [len(parts) for parts in sheet.parts()[:13]] == [2] * 12 + [1]


def test_dark_pages_and_the_grain_of_a_scan_make_no_difference() -> None:
    sheet = columns(2, 12, 1.4, 420)
    noise = np.random.default_rng(1).normal(0, 8, (sheet.height, sheet.width, 1))
    for image in (255 - np.array(sheet.picture), np.array(sheet.picture) // 2 + 60 + noise):
        pixels: Image = np.clip(image, 0, 255).astype(np.uint8)
        inked = [stretches(crop(pixels, box)) for box in sheet.boxes]
        assert [len(parts) for parts in parted(sheet.boxes, inked)] == [2] * 12


def test_a_blank_crop_is_one_stretch() -> None:
    assert stretches(np.full((20, 300, 3), 200, dtype=np.uint8)) == WHOLE
    assert stretches(np.full((1, 1, 3), 200, dtype=np.uint8)) == WHOLE


def test_stretches_lie_where_the_ink_is() -> None:
    image = np.full((20, 100, 3), 255, dtype=np.uint8)
    for start, end in ((10, 30), (33, 50), (70, 90)):
        image[6:14, start:end] = 0
    assert stretches(image) == [(0.1, 0.5), (0.7, 0.9)]


def test_the_time_is_in_proportion_to_the_lines() -> None:
    """Each line has a wide blank and a narrow stretch that may be a piece of another."""
    quads = [
        frozen_quad([[0, y], [900, y], [900, y + 20], [0, y + 20]])
        for y in (PITCH * i for i in range(1500))
    ]
    begin = time.process_time()
    parts = parted(quads, [[(0.0, 0.45), (0.5, 0.51), (0.55, 1.0)]] * len(quads))
    assert time.process_time() - begin < 5  # about 0.7 on one core
    assert {len(spans) for spans in parts} == {2}


def test_no_lines_have_no_parts() -> None:
    assert parted([], []) == []
