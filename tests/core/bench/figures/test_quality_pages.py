"""The quality of pages: words, places, and boxes after ICDAR 2015."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.bench.data.dataset import Answer, ReadLine, Sample, TrueLine
from ocrx.bench.data.places import in_order, overlaps
from ocrx.bench.figures.counts import count_page
from ocrx.bench.figures.quality import Folding, measure_quality
from ocrx.bench.figures.result import Interval, Quality
from support.datasets import Box, answer, page

ONE: Box = (10, 10, 80, 20)
TWO: Box = (110, 10, 80, 20)
THREE: Box = (10, 50, 180, 20)
CONCAVE = ((0.0, 0.0), (30.0, 0.0), (30.0, 10.0), (10.0, 10.0), (10.0, 30.0), (0.0, 30.0))
PLAIN = Folding()


def value(interval: Interval | None) -> float:
    assert interval is not None
    return interval.value


def measure(truth: Sample, read: Answer | None) -> Quality:
    return measure_quality([truth], [read], PLAIN)


def test_a_page_worked_out_by_hand() -> None:
    truth = page("a", [(ONE, "NET"), (TWO, "12.50"), (THREE, "THANK YOU")])
    read = answer([(ONE, "NET"), (TWO, "12.5O"), ((300, 300, 50, 20), "NET")])
    quality = measure(truth, read)
    # NET is hit once of two, nothing else: 2 * 1 / (4 + 3)
    assert value(quality.words) == pytest.approx(200 / 7)
    assert value(quality.precision) == pytest.approx(200 / 3)
    assert value(quality.recall) == pytest.approx(200 / 3)
    assert value(quality.hmean) == pytest.approx(200 / 3)
    # 1 wrong, 9 missed, 3 made up, of 17
    assert value(quality.characters) == pytest.approx(100 * (1 - 13 / 17))
    assert [(c.truth, c.read) for c in quality.confusions] == [("0", "O")]
    assert quality.exact is None
    assert quality.worst[0].read == "NET\n12.5O\nNET"


def test_figures_are_summed_over_pages() -> None:
    samples = [page("a", [(ONE, "A B C D")]), page("b", [(ONE, "A")])]
    quality = measure_quality(samples, [answer([(ONE, "A B C D")]), None], PLAIN)
    assert value(quality.words) == pytest.approx(200 * 4 / 9)
    assert value(quality.characters) == pytest.approx(100 * 7 / 8)
    assert value(quality.recall) == 50
    assert value(quality.precision) == 100
    assert value(quality.hmean) == pytest.approx(200 / 3)


def test_another_order_costs_nothing() -> None:
    truth = page("a", [(THREE, "THANK YOU"), (ONE, "NET"), (TWO, "12.50")])
    read = answer([(TWO, "12.50"), (ONE, "NET"), (THREE, "THANK YOU")])
    assert value(measure(truth, read).characters) == 100


@pytest.mark.parametrize("swapped", [False, True])
def test_lines_that_are_split_elsewhere_cost_nothing(swapped: bool) -> None:
    parts: list[tuple[Box, str]] = [(TWO, "12.50"), (ONE, "NET")]
    whole: list[tuple[Box, str]] = [((10, 10, 180, 20), "NET 12.50")]
    if swapped:
        quality = measure(page("a", list(whole)), answer(parts))
    else:
        quality = measure(page("a", list(parts)), answer(whole))
    assert value(quality.characters) == 100
    assert value(quality.words) == 100
    assert value(quality.hmean) == 0


def test_lines_that_overlap_one_by_one_belong_together() -> None:
    truth = page("a", [((0, 0, 20, 20), "A"), ((25, 0, 200, 20), "ONE TWO THREE")])
    read = answer([((0, 0, 100, 20), "A ONE"), ((105, 0, 120, 20), "TWO THREE")])
    assert value(measure(truth, read).characters) == 100


@pytest.mark.parametrize(("shift", "errors"), [(39, 0), (40, 6), (41, 6)])
def test_lines_belong_together_if_they_share_more_than_half_of_the_smaller(
    shift: float, errors: int
) -> None:
    truth = page("a", [(ONE, "NET")])
    x, y, width, height = ONE
    assert (
        count_page(truth, answer([((x + shift, y, width, height), "NET")]), PLAIN).errors == errors
    )


def test_a_page_of_which_nobody_wrote_down_the_places() -> None:
    truth = Sample("a", b"", "NET 12.50", ())
    quality = measure(truth, answer([(ONE, "NET"), (TWO, "12.5O")]))
    assert value(quality.characters) == pytest.approx(100 * (1 - 1 / 9))
    assert value(quality.words) == 50
    assert (quality.precision, quality.recall, quality.hmean) == (None, None, None)


def test_an_engine_that_does_not_say_where_it_read() -> None:
    quality = measure(page("a", [(ONE, "NET"), (TWO, "12.50")]), Answer("NET\n12.50"))
    assert value(quality.characters) == value(quality.words) == 100
    assert value(quality.recall) == value(quality.precision) == 0


def test_an_empty_page() -> None:
    truth = Sample("a", b"", "", ())
    assert measure(truth, Answer("")) == Quality(1, "none")
    quality = measure(truth, answer([(ONE, "dust")]))
    assert value(quality.precision) == value(quality.words) == 0
    assert quality.recall is quality.characters is None


def test_what_is_not_scored_is_neither_missed_nor_made_up() -> None:
    truth = page("a", [(ONE, "NET"), ((100, 0, 200, 100), None)])
    for more in ([], [(TWO, "smudge"), ((150, 40, 40, 20), "smear")]):
        quality = measure(truth, answer([(ONE, "NET"), *more]))
        assert value(quality.precision) == value(quality.recall) == 100
        assert value(quality.characters) == 100
    # 60 of 100 columns lie in the region, then 50
    for x, right in ((60, 100), (50, 50)):
        quality = measure(truth, answer([(ONE, "NET"), ((x, 60, 100, 20), "half")]))
        assert value(quality.precision) == right


def test_scored_text_inside_a_region_that_is_not_scored_is_still_read() -> None:
    truth = page("a", [(ONE, "NET"), ((0, 0, 200, 100), None)])
    quality = measure(truth, answer([(ONE, "NET"), (TWO, "smudge")]))
    assert value(quality.characters) == 100


def test_a_box_must_share_more_than_half() -> None:
    truth = page("a", [((0, 0, 90, 20), "A")])
    assert value(measure(truth, answer([((30, 0, 90, 20), "A")])).recall) == 0  # 60 of 120
    assert value(measure(truth, answer([((29, 0, 90, 20), "A")])).recall) == 100


def test_a_box_counts_once() -> None:
    truth = page("a", [(ONE, "A")])
    quality = measure(truth, answer([(ONE, "A"), (ONE, "A")]))
    assert (value(quality.precision), value(quality.recall)) == (50, 100)
    quality = measure(page("a", [(ONE, "A"), (ONE, "A")]), answer([(ONE, "A")]))
    assert (value(quality.precision), value(quality.recall)) == (100, 50)


def test_concave_places() -> None:
    inner = ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0))
    areas, others, shared = overlaps([CONCAVE], [CONCAVE, inner])
    assert (areas.tolist(), others.tolist()) == ([500.0], [500.0, 400.0])
    assert shared.tolist() == [[500.0, 0.0]]
    truth = Sample("a", b"", "A", (TrueLine(CONCAVE, "A"),))
    quality = measure(truth, Answer("A", (ReadLine(CONCAVE, "A"),)))
    assert value(quality.hmean) == value(quality.characters) == 100


def test_places_that_cross_themselves_or_have_no_area() -> None:
    bow = ((0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0))
    flat = ((5.0, 5.0), (5.0, 5.0), (5.0, 9.0), (5.0, 9.0))
    areas, _, shared = overlaps([bow, flat], [bow, flat])
    assert areas == pytest.approx([50, 0])
    assert shared == pytest.approx(np.array([[50, 0], [0, 0]]))


def test_order_of_polygons() -> None:
    octagon = tuple((100 + 10 * x, 10.0 + y) for x, y in ((0, 0), (1, 0), (2, 1), (2, 9), (0, 9)))
    boxes = [((0.0, 60.0), (9.0, 60.0), (9.0, 70.0), (0.0, 70.0)), octagon]
    boxes.append(((0.0, 10.0), (9.0, 10.0), (9.0, 20.0), (0.0, 20.0)))
    assert in_order(boxes) == [2, 1, 0]
    assert in_order([]) == []


BOXES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 6), st.integers(1, 6)),
    max_size=5,
)


def by_the_book(truth: list[tuple[Box, bool]], read: list[Box]) -> tuple[int, int, int]:
    """ICDAR 2015's own script, for upright boxes."""

    def shared(a: Box, b: Box) -> float:
        width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
        return max(width, 0) * max(height, 0)

    ignored = {
        index
        for index, box in enumerate(read)
        for other, scored in truth
        if not scored and shared(other, box) / (box[2] * box[3]) > 0.5
    }
    taken: set[int] = set()
    for box, scored in truth:
        for index, other in enumerate(read):
            union = box[2] * box[3] + other[2] * other[3] - shared(box, other)
            if scored and index not in taken | ignored and shared(box, other) / union > 0.5:
                taken.add(index)
                break
    return len(taken), sum(scored for _, scored in truth), len(read) - len(ignored)


@given(BOXES, st.lists(st.booleans(), min_size=5, max_size=5), BOXES)
def test_boxes_are_counted_as_the_competition_does(
    boxes: list[Box], scored: list[bool], read: list[Box]
) -> None:
    truth = list(zip(boxes, scored, strict=False))
    sample = page("a", [(box, "A" if counts else None) for box, counts in truth])
    counts = count_page(sample, answer([(box, "A") for box in read]), PLAIN)
    if sample.lines:
        found = (counts.matched, counts.true_boxes, counts.read_boxes)
        assert found == by_the_book(truth, read)


WORDS = st.sampled_from(["NET", "12.50", "ab", "THANK YOU", "0", ""])
PAGES = st.lists(st.tuples(st.tuples(st.integers(0, 3), st.integers(0, 3)), WORDS), max_size=6)


def apart(cells: list[tuple[tuple[int, int], str]]) -> list[tuple[Box, str]]:
    """Text in cells of a grid, one each."""
    return [((100 * x, 40 * y, 80, 20), text) for (x, y), text in dict(cells).items()]


@given(PAGES, st.randoms())
def test_perfect_pages_in_any_order(
    cells: list[tuple[tuple[int, int], str]], random: Random
) -> None:
    lines = apart(cells)
    truth = page("a", list(lines))
    random.shuffle(lines)
    quality = measure(truth, answer(lines))
    figures = (quality.characters, quality.words, quality.precision, quality.recall, quality.hmean)
    assert all(figure in (None, Interval(100, 100, 100)) for figure in figures)
    assert quality.worst == ()


@given(PAGES, PAGES)
def test_truth_has_as_many_characters_whatever_is_read(
    one: list[tuple[tuple[int, int], str]], other: list[tuple[tuple[int, int], str]]
) -> None:
    truth = page("a", list(apart(one)))
    counts = [count_page(truth, read, PLAIN) for read in (answer(apart(other)), Answer(""))]
    assert counts[0].characters == counts[1].characters == counts[1].errors
    assert counts[0].true_words == counts[1].true_words
