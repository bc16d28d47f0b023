"""The recognition half of PP-OCR: which width, which numbers go in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.errors import UnknownOption, WeightsError
from ocrx.names import Layout
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.page.bidi import to_logical
from ocrx.plugins.options import make_options
from ocrx_paddleocr.catalogue import parameters, specs
from ocrx_paddleocr.recognition import PaddleRecognition
from ocrx_paddleocr.settings import RecognitionOptions

SPEC = specs("recognition")["v6-small"]
KNOWN = parameters("recognition", "v6-small")
CHARSET = ("a", "b", " ")


def model(min_width: int = 192, batch: int = 4) -> PaddleRecognition:
    return PaddleRecognition(SPEC, KNOWN, CHARSET, min_width, batch)


@given(st.integers(1, 5000), st.integers(1, 50_000), st.integers(1, 3200))
def test_every_crop_has_a_bucket_that_holds_it(height: int, width: int, least: int) -> None:
    recognition = model(least)
    found_height, found = recognition.shape(height, width)
    assert found_height == 48
    assert 64 <= found <= 3200
    assert found >= least
    assert found >= min(3200, 48 * width / height)


def test_there_are_few_buckets() -> None:
    assert len({model().shape(48, width) for width in range(1, 4000)}) <= 40


def test_little_of_what_is_computed_for_a_line_is_padding() -> None:
    widths = range(200, 1000)
    assert sum(model().shape(48, width)[1] for width in widths) < 1.05 * sum(widths)


def test_crops_are_normalised_and_padded_with_zeros() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 100, 3), dtype=np.uint8)
    wide = np.full((24, 400, 3), 255, dtype=np.uint8)
    batch = model().encode([picture, wide], (48, 320))
    (tensor,) = batch.feeds.values()
    assert tensor.dtype == np.float32
    assert tensor.shape == (2, 3, 48, 320)
    ordered = picture[:, :, ::-1] if KNOWN.channels == "BGR" else picture
    expected = (ordered / 255 - KNOWN.mean) / KNOWN.std
    assert np.allclose(tensor[0, :, :, :100], expected.transpose(2, 0, 1), atol=1e-5)
    assert not tensor[0, :, :, 100:].any()
    assert np.allclose(tensor[1], 1.0)  # squeezed into the bucket
    assert list(batch.context) == [100 / 320, 1.0]


def test_spans_are_fractions_of_the_crop_not_of_its_bucket() -> None:
    recognition = model()
    batch = recognition.encode([np.zeros((48, 160, 3), dtype=np.uint8)], (48, 320))
    steps = np.zeros((1, 40, 4), dtype=np.float32)
    steps[:, :, 0] = 1
    steps[0, [4, 15]] = [[0, 0.9, 0, 0], [0, 0, 0.8, 0]]
    (text,) = ctc_greedy(recognition.emissions({"y": steps}, batch))
    assert text.text == "ab"
    assert text.scores == pytest.approx((0.9, 0.8))
    assert text.spans[0][0] < 4.5 / 20 < text.spans[0][1] == text.spans[1][0] < 15.5 / 20
    assert 15.5 / 20 < text.spans[1][1] <= 1


def test_a_charset_of_another_model_is_refused() -> None:
    recognition = model()
    batch = recognition.encode([np.zeros((48, 160, 3), dtype=np.uint8)], (48, 320))
    with pytest.raises(WeightsError, match="knows 8 characters, but its dictionary has 3"):
        recognition.emissions({"y": np.zeros((1, 40, 9), dtype=np.float32)}, batch)


def test_a_model_of_another_shape_is_refused() -> None:
    odd = replace(SPEC, shapes=specs("orientation")["v2-mobile"].shapes)
    with pytest.raises(ValueError, match="recognition takes"):
        PaddleRecognition(odd, KNOWN, CHARSET, 192, 4)


@pytest.mark.parametrize(("layout", "width"), [("auto", 160), ("page", 160), ("line", 128)])
def test_lines_cut_by_the_user_are_padded_further(layout: Layout, width: int) -> None:
    assert RecognitionOptions().least_width(layout) == width
    assert RecognitionOptions(min_width=320).least_width(layout) == 320


@pytest.mark.parametrize(
    ("option", "value"), [("batch", 0), ("near_tie", -1), ("min_width", 0), ("min_width", 100_000)]
)
def test_options_that_make_no_sense_are_refused(option: str, value: int) -> None:
    with pytest.raises(UnknownOption, match=option):
        make_options(RecognitionOptions, {option: value}, "recognizer")


ARABIC = (*"ابتثجحخدذرزسشصضطظعغفقكلمنهوي", *"0123456789", *"abc", *"():.%", " ")


@pytest.mark.parametrize(
    ("paper", "text"),
    [
        ("ابحرم", "مرحبا"),
        ("12.50 نمثلا", "الثمن 12.50"),
        ("(abc 12) بابلا", "الباب (abc 12)"),
        ("abc 12", "abc 12"),
    ],
)
def test_arabic_comes_in_the_order_in_which_it_is_read(paper: str, text: str) -> None:
    """Each character at a step of its own, from the left end of the paper to the right."""
    recognition = PaddleRecognition(SPEC, KNOWN, ARABIC, 192, 4)
    batch = recognition.encode([np.zeros((48, 192, 3), dtype=np.uint8)], (48, 192))
    steps = np.zeros((1, 2 * len(paper) + 1, len(ARABIC) + 1), dtype=np.float32)
    steps[0, ::2, 0] = 0.9
    for i, character in enumerate(paper):
        steps[0, 2 * i + 1, ARABIC.index(character) + 1] = 0.5 + i / 100
    (found,) = map(to_logical, ctc_greedy(recognition.emissions({"y": steps}, batch)))
    assert found.text == text
    places = sorted(range(len(paper)), key=lambda i: found.spans[i])
    assert [round(found.scores[i], 2) for i in places] == [
        round(0.5 + i / 100, 2) for i in range(len(paper))
    ]
