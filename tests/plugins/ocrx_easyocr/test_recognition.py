"""From crops to the input of the network, and which of two readings stays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.interfaces.networks import Run
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.page.geometry import rectangle
from ocrx.plugins.options import make_options
from ocrx.types import Image, Tensor, frozen_quad
from ocrx_easyocr.recognition import EasyOcrRecognition, confidences, cut_line, with_contrast
from ocrx_easyocr.settings import RecognitionOptions
from ocrx_easyocr.variants import recognizer


def model(**options: object) -> EasyOcrRecognition:
    made = make_options(RecognitionOptions, options, "the recogniser")
    chosen = recognizer("", made)
    return EasyOcrRecognition(chosen.spec, chosen.charset, chosen.unread, made)


def noise(height: int, width: int) -> Image:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


class Answers(Run):
    """Gives prepared outputs, and remembers what it was fed."""

    def __init__(self, *outputs: Tensor) -> None:
        self.fed: list[Tensor] = []
        self._outputs = iter(outputs)

    def __call__(self, feeds: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        self.fed.append(feeds["x"])
        return {"probabilities": next(self._outputs)}

    def part(self, name: str, feeds: Mapping[str, AnyTensor]) -> Mapping[str, DeviceTensor]:
        raise NotImplementedError


def reading(text: str, probability: float) -> NDArray[np.float32]:
    """Probabilities (1, T, 97) of a text with that probability at each step."""
    charset = model().charset
    values = np.full((1, len(text), 97), (1 - probability) / 96, np.float32)
    for step, character in enumerate(text):
        values[0, step, charset.index(character) + 1] = probability
    return values


@pytest.mark.parametrize(
    ("size", "shape", "content"),
    [
        ((64, 64), (64, 64), 64),
        ((32, 100), (64, 256), 200),
        ((20, 61), (64, 256), 195),
        ((100, 50), (64, 128), 32),  # taller than wide
        ((1, 2500), (64, 3200), 3200),
    ],
)
def test_a_line_is_scaled_and_its_last_column_repeated(
    size: tuple[int, int], shape: tuple[int, int], content: int
) -> None:
    made = model()
    assert made.shape(*size) == shape
    batch = made.encode([noise(*size)], shape)
    x = batch.feeds["x"]
    assert x.shape == (1, 1, *shape)
    assert x.dtype == np.float32
    assert [*batch.context] == [content]
    assert np.abs(x).max() <= 1
    assert (x[..., content:] == x[..., content - 1 : content]).all()


def test_pixels_run_from_minus_one_to_one() -> None:
    for value, expected in ((0, -1.0), (255, 1.0), (51, -0.6)):
        image = np.full((64, 64, 3), value, np.uint8)
        np.testing.assert_allclose(model().encode([image], (64, 64)).feeds["x"], expected, 1e-6)


def test_a_sure_line_is_read_once() -> None:
    made = model()
    run = Answers(reading("ABC", 0.9))
    outputs = made.infer(run, made.encode([noise(64, 64)], (64, 64)))
    assert len(run.fed) == 1
    np.testing.assert_array_equal(outputs["probabilities"], reading("ABC", 0.9))


@pytest.mark.parametrize(("again", "stays"), [(0.5, "second"), (0.05, "first")])
def test_a_doubtful_line_is_read_again_and_the_better_reading_stays(
    again: float, stays: str
) -> None:
    made = model()
    grey = np.full((64, 100, 3), 100, np.uint8)
    grey[:, 40:60] = 200
    run = Answers(reading("AB", 0.1), reading("CD", again))
    outputs = made.infer(run, made.encode([grey], made.shape(64, 100)))
    first, second = run.fed
    assert np.ptp(second) > 1.9 * np.ptp(first)
    read = {"first": reading("AB", 0.1), "second": reading("CD", again)}[stays]
    np.testing.assert_array_equal(outputs["probabilities"], read)


def test_only_the_doubtful_lines_of_a_batch_are_read_again() -> None:
    made = model()
    both = np.concatenate([reading("AB", 0.9), reading("AB", 0.1)])
    run = Answers(both, reading("CD", 0.8))
    batch = made.encode([noise(64, 64), noise(64, 64)], (64, 64))
    outputs = made.infer(run, batch)
    assert [len(fed) for fed in run.fed] == [2, 1]
    expected = np.concatenate([reading("AB", 0.9), reading("CD", 0.8)])
    np.testing.assert_array_equal(outputs["probabilities"], expected)
    assert [len(one) for one in made.decode(outputs, batch)] == [1, 1]


def test_the_threshold_is_an_option() -> None:
    made = model(contrast_ths=0)
    run = Answers(reading("AB", 0.1))
    made.infer(run, made.encode([noise(64, 64)], (64, 64)))
    assert len(run.fed) == 1


@pytest.mark.parametrize(
    ("options", "best"),
    [
        ({}, "O"),
        ({"allowlist": "0123456789"}, "0"),
        ({"blocklist": "O"}, "0"),
        ({"languages": "en"}, "O"),
    ],
)
def test_characters_can_be_forbidden(options: dict[str, str], best: str) -> None:
    made = model(**options)
    values = reading("O", 0.6)
    values[0, 0, made.charset.index("0") + 1] = 0.3
    values /= values.sum(axis=2, keepdims=True)
    outputs = made.infer(Answers(values), made.encode([noise(64, 64)], (64, 64)))
    found = outputs["probabilities"]
    assert made.charset[int(found[0, 0].argmax()) - 1] == best
    np.testing.assert_allclose(found.sum(axis=2), 1, rtol=1e-5)


def test_only_one_of_the_three_can_be_given() -> None:
    with pytest.raises(ValueError, match="only one of"):
        RecognitionOptions(allowlist="A", blocklist="B")


def test_confidence_is_easyocr_s() -> None:
    blank = np.zeros((1, 2, 97), np.float32)
    blank[..., 0] = 1
    assert confidences(blank)[0] == 0
    assert confidences(reading("A", 0.5))[0] == pytest.approx(0.25)
    assert confidences(reading("ABCD", 0.5))[0] == pytest.approx(0.5**4)


@given(st.integers(0, 255), st.integers(0, 255), st.floats(0, 1))
def test_more_contrast_never_turns_dark_and_bright_round(
    one: int, other: int, target: float
) -> None:
    grey = np.full((10, 10), one, np.uint8)
    grey[:, 5:] = other
    found = with_contrast(grey, target).astype(int)
    assert (found[0, 9] - found[0, 0]) * (other - one) >= 0
    if abs(other - one) >= target * max(10, one + other):
        np.testing.assert_array_equal(found, grey)


def test_an_upright_line_is_cut_as_it_is() -> None:
    page = noise(40, 60)
    quad = frozen_quad([[5, 10], [35, 10], [35, 30], [5, 30]])
    assert np.shares_memory(cut_line(page, quad), page)
    np.testing.assert_array_equal(cut_line(page, quad), page[10:30, 5:35])
    np.testing.assert_array_equal(cut_line(page, rectangle(60, 40)), page)


def test_a_slanted_line_is_stretched_from_corner_to_corner() -> None:
    page = np.zeros((60, 120, 3), np.uint8)
    page[:, :, 0] = np.arange(120)  # red grows to the right
    quad = frozen_quad([[20, 20], [80, 30], [78, 42], [18, 32]])
    line = cut_line(page, quad)
    assert line.shape == (12, 60, 3)
    assert (line[..., 0] == line[..., 1]).all()
    # 0.299 of red at x = 20 and x = 78
    assert (line[0, 0, 0], line[-1, -1, 0]) == (6, 23)


@given(st.lists(st.tuples(*[st.floats(-300, 300)] * 2), min_size=4, max_size=4))
def test_any_quad_gives_a_picture(corners: list[tuple[float, float]]) -> None:
    line = cut_line(noise(40, 60), frozen_quad(corners))
    assert line.ndim == 3
    assert line.shape[2] == 3
    assert line.size > 0
