from __future__ import annotations

import numpy as np
import pytest

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.sample import TURNED, sample_lines, sample_pages
from ocrx.reading.reader import Reader
from ocrx.types import Image


def pictures(dataset: Dataset) -> list[Image]:
    return [sample.source for sample in dataset.samples if isinstance(sample.source, np.ndarray)]


def test_it_is_the_same_each_time() -> None:
    for make in (sample_lines, sample_pages):
        first, second = make(2), make(2)
        assert [s.text for s in first.samples] == [s.text for s in second.samples]
        for one, other in zip(pictures(first), pictures(second), strict=True):
            assert np.array_equal(one, other)


def test_there_are_codes_numbers_and_words_and_some_upside_down() -> None:
    texts = [sample.text for sample in sample_lines(48).samples]
    assert any("-" in text and text.upper() == text for text in texts)
    assert any(text.replace(".", "").isdigit() for text in texts)
    assert any(text.islower() and " " in text for text in texts)
    assert len({s.name for s in sample_lines(48).samples}) == 48


@pytest.mark.slow
def test_the_truth_is_what_can_be_read() -> None:
    dataset = sample_lines(TURNED + 8)
    with Reader(layout="line", backend="onnxruntime") as reader:
        read = [page.text for page in reader.read_many(pictures(dataset))]
    right = sum(one == sample.text for one, sample in zip(read, dataset.samples, strict=True))
    assert right >= len(read) - 2
    turned = TURNED - 1
    assert read[turned] == dataset.samples[turned].text


def test_pages_say_where_their_lines_are() -> None:
    dataset = sample_pages(1)
    (sample,), (image,) = dataset.samples, pictures(dataset)
    assert sample.lines is not None
    assert len(sample.lines) > 6
    assert sample.text == " ".join(line.text or "" for line in sample.lines)
    grey = image.astype(np.float32).mean(2)
    for line in sample.lines:
        (left, top), _, (right, bottom), _ = ((int(x), int(y)) for x, y in line.polygon)
        assert 0 <= left < right <= image.shape[1]
        assert 0 <= top < bottom <= image.shape[0]
        assert grey[top:bottom, left:right].std() > 15  # something is written there
