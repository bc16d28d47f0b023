from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocrx.bench.data.dataset import Dataset, Sample, TrueLine
from ocrx.compression.data import divided, images, lines
from ocrx.errors import UsageError
from ocrx.names import Task

PICTURE = np.full((20, 60, 3), 255, np.uint8)
BOX = ((10.0, 2.0), (50.0, 2.0), (50.0, 12.0), (10.0, 12.0))


def of_lines(count: int, text: str = "abc") -> Dataset:
    samples = [Sample(f"{index}", PICTURE, text) for index in range(count)]
    return Dataset("words", Path(), "lines", samples)


def of_pages(count: int) -> Dataset:
    true = (TrueLine(BOX, "abc"), TrueLine(BOX, None))
    samples = [Sample(f"{index}", PICTURE, "abc", true) for index in range(count)]
    return Dataset("pages", Path(), "pages", samples)


def test_half_is_held_back() -> None:
    found = divided(of_lines(40), None, "recognition")
    names = [{sample.name for sample in one.samples} for one in (found.learned, found.held)]
    assert [len(one) for one in names] == [20, 20]
    assert not names[0] & names[1]


def test_with_a_test_all_is_learned_from() -> None:
    found = divided(of_lines(20), of_pages(20), "recognition")
    assert (len(found.learned.samples), found.held.kind) == (20, "pages")


@pytest.mark.parametrize(
    ("data", "task", "says"),
    [
        (of_lines(30), "recognition", "15 pictures, of 30"),
        (of_pages(6), "detection", "too few"),
        (of_lines(40), "detection", "holds single lines"),
        (
            of_lines(40, ""),
            "recognition",
            "none of the 20 pictures that the figures are measured on",
        ),
    ],
)
def test_data_that_will_not_do(data: Dataset, task: Task, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        divided(data, None, task)


def test_only_what_is_measured_needs_a_text() -> None:
    data, test = of_lines(20, ""), of_lines(20)
    assert divided(data, test, "recognition").learned is data
    with pytest.raises(UsageError, match="that the budget is judged on has a text"):
        divided(data, test, "recognition", budget=True)


def test_lines_are_cut_out_of_pages() -> None:
    found = list(lines(of_pages(2)))
    assert [(image.shape, text) for image, text in found] == [((10, 40, 3), "abc")] * 2


def test_a_network_is_fed_lines_or_pages() -> None:
    assert {image.shape for image in images(of_pages(20), "recognition")} == {(10, 40, 3)}
    assert {image.shape for image in images(of_pages(4), "detection")} == {PICTURE.shape}
    assert len(images(of_lines(400), "recognition")) == 256


def test_pictures_that_cannot_be_read_are_too_few() -> None:
    data = of_lines(20)
    broken = [replace(sample, source=b"no picture") for sample in data.samples[5:]]
    data = replace(data, samples=[*data.samples[:5], *broken])
    with pytest.raises(UsageError, match="only 5 pictures"):
        images(data, "recognition")
