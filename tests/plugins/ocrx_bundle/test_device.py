"""The program of a bundle does as ocrx does: the same inputs, texts, boxes and crops."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.artifacts import Axis
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.networks import CtcModel
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.networks.decode.db import DBParameters, db_regions
from ocrx.networks.decode.likelihood import log_likelihoods
from ocrx.page import views
from ocrx.page.geometry import along_text, crop, quad_size, upright
from ocrx_bundle.device import boxes, lines
from ocrx_bundle.device.engines import filled_template
from ocrx_bundle.device.pattern import Pattern, likelihood
from ocrx_bundle.networks import SECOND_LOOK
from ocrx_codes import catalogue
from ocrx_codes.recognition import CodesRecognition
from ocrx_codes.settings import CodesOptions
from ocrx_paddleocr import variants
from ocrx_paddleocr.detection import PaddleDetection
from ocrx_paddleocr.recognition import PaddleRecognition
from ocrx_paddleocr.settings import DetectionOptions
from support.labels import label

FEW = settings(max_examples=30)
AXES = st.builds(
    lambda least, typical, more, step: Axis(least, least + typical, least + typical + more, step),
    st.integers(1, 300), st.integers(0, 600), st.integers(0, 3000), st.integers(1, 64),
)  # fmt: skip
ABOUT = {"threshold": 0.3, "box_threshold": 0.5, "unclip_ratio": 1.6}


@FEW
@given(AXES, st.integers(1, 5000))
def test_widths_come_in_the_same_buckets(axis: Axis, length: int) -> None:
    assert lines.bucket(length, asdict(axis)) == axis.bucket(length)


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_greedy_decoding_gives_the_same_text_and_scores(seed: int, steps: int) -> None:
    random = np.random.default_rng(seed)
    values = random.dirichlet(np.full(5, 0.2), size=(1, steps)).astype(np.float32)
    (text,) = ctc_greedy(Emissions(values, "A5: ", (1.0,)))
    found, scores = lines.greedy(values[0], list("A5: "))
    assert found == text.text
    assert scores == pytest.approx(list(text.scores), abs=1e-6)  # a space's is a sum


@pytest.mark.parametrize("room", [0, 60])
def test_the_rows_and_columns_of_a_line_are_the_same(room: int) -> None:
    around = ((room, 2 * room), (3 * room, 4 * room), (0, 0))
    picture = np.pad(label(["LOT 4711"], (300, 90)), around, "edge")
    assert lines.line_rows(picture, SECOND_LOOK) == views.line_rows(picture)
    rows = picture[slice(*views.line_rows(picture))]
    assert lines.line_columns(rows, SECOND_LOOK) == views.line_columns(rows)


def test_boxes_and_crops_are_the_same() -> None:
    random = np.random.default_rng(1)
    picture = random.integers(0, 255, (200, 320, 3), dtype=np.uint8)
    probability = np.zeros((96, 160), np.float32)
    for top, left, height, width in (
        (10, 8, 8, 60),
        (40, 20, 30, 6),
        (84, 20, 9, 50),
        (5, 150, 2, 9),
    ):
        probability[top : top + height, left : left + width] = 0.9
    turned = np.add.outer(np.arange(96), -np.arange(160))
    probability[(abs(turned + 60) < 5) & (np.arange(160) > 100) & (np.arange(160) < 150)] = 0.7
    regions = db_regions(probability, (200, 320), DBParameters())
    found = boxes.boxes(probability, (200, 320), ABOUT)
    assert len(found) == 4
    for quad, region in zip(found, regions, strict=True):
        np.testing.assert_array_equal(quad, region.quad)
        assert boxes.quad_size(quad) == pytest.approx(quad_size(region.quad))
        along, expected = boxes.along_text(quad), along_text(region.quad)
        np.testing.assert_array_equal(along, expected)
        np.testing.assert_array_equal(boxes.cut(picture, along), crop(picture, expected))


@FEW
@given(st.floats(0, 6.28), st.booleans())
def test_corners_are_ordered_the_same(angle: float, mirrored: bool) -> None:
    box = np.array([[0.0, 0], [9, 0], [9, 4], [0, 4]])[:: -1 if mirrored else 1]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(boxes.upright(box @ turn), upright(box @ turn), atol=1e-5)


def test_rows_are_read_from_the_top_and_from_the_left() -> None:
    def quad(x: float, y: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        return np.array([[x, y], [x + 50, y], [x + 50, y + 20], [x, y + 20]])

    placed = [quad(100, 4), quad(0, 50), quad(0, 0), quad(90, 47), quad(0, 100)]
    found = [tuple(one[0].tolist()) for one in boxes.in_rows(placed)]
    assert found == [(0, 0), (100, 4), (0, 50), (90, 47), (0, 100)]


def test_a_tflite_file_is_filled_in_for_a_size_as_the_runtime_does() -> None:
    from ocrx_tflite.template import Length, Patch, fill

    lengths, patches = (Length("width", 192, 320, 32),), (Patch((24, 40), (1, 3)),)
    content = np.array([1, 40, 3, 40], "<i4").tobytes() + b"xyz"
    template = {"lengths": [asdict(lengths[0])], "patches": [asdict(patches[0])]}
    filled = filled_template(content, json.loads(json.dumps(template)), (640,))
    assert filled == fill(content, lengths, patches, (640,))


DIGITS = {"states": 3, "accepting": [2], "moves": [[0, "AB", 1], [1, "01", 2]], "least": 0.1}
TWICE = {"states": 3, "accepting": [2], "moves": [[0, "A", 1], [1, "A", 2]], "least": 0.1}
ANYTHING = {"states": 1, "accepting": [0], "moves": [[0, "ABCD", 0]], "least": 0.0}


def decoded(tables: dict[str, object], rows: list[list[float]], charset: str) -> str | None:
    found = Pattern(tables, list(charset)).decode(np.array(rows))
    return found and found[0]


def test_a_pattern_corrects_what_does_not_fit() -> None:
    # A, then a letter where a digit belongs: B is likelier than 1, and 1 than 0.
    rows = [
        [0.1, 0.8, 0.04, 0.03, 0.03],
        [0.8, 0.05, 0.05, 0.05, 0.05],
        [0.1, 0.05, 0.5, 0.05, 0.3],
    ]
    assert decoded(DIGITS, rows, "AB01") == "A1"


def test_what_shows_something_else_is_not_forced() -> None:
    rows = [[0.01, 0.9, 0.05, 0.02, 0.02], [0.02, 0.01, 0.95, 0.01, 0.01]]
    assert decoded(DIGITS, rows, "AB01") is None


def test_between_two_equal_characters_lies_a_blank() -> None:
    assert decoded(TWICE, [[0.1, 0.9], [0.6, 0.4], [0.1, 0.9]], "A") == "AA"
    assert decoded(TWICE, [[0.1, 0.9]] * 2, "A") is None


def test_a_space_that_the_pattern_does_not_admit_counts_as_blank() -> None:
    rows = [[0.1, 0.9, 0.0], [0.1, 0.1, 0.8], [0.1, 0.9, 0.0]]
    assert decoded(TWICE, rows, "A ") == "AA"


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_where_everything_is_allowed_the_best_path_is_the_greedy_one(seed: int, steps: int) -> None:
    values = np.random.default_rng(seed).dirichlet(np.full(5, 0.3), size=steps) + 1e-9
    read, _ = lines.greedy(values, list("ABCD"))
    assert decoded(ANYTHING, values.tolist(), "ABCD") == read


@FEW
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 3), max_size=4))
def test_the_likelihood_is_that_of_ocrx(seed: int, classes: list[int]) -> None:
    values = np.random.default_rng(seed).dirichlet(np.full(4, 0.5), size=6)[None]
    (expected,) = log_likelihoods(values, [classes])
    found = likelihood(np.log(np.maximum(values[0], 1e-300)), classes)
    assert found == pytest.approx(expected) or (found < -1e20 and expected == -np.inf)


def paddle() -> CtcModel:
    spec, parameters = variants.find("recognition", "")
    return PaddleRecognition(spec, parameters, ("A",), 160, 4)


def crnn() -> CtcModel:
    return CodesRecognition(catalogue.find("crnn", "own.onnx"), ("A",), CodesOptions())


@pytest.mark.parametrize("family", [paddle, crnn])
@pytest.mark.parametrize("size", [(20, 3), (31, 200), (48, 1), (64, 640), (97, 1501)])
def test_a_line_is_encoded_as_its_family_does(
    family: Callable[[], CtcModel], size: tuple[int, int]
) -> None:
    model = family()
    numbers = model.portable()
    assert numbers is not None
    picture = np.random.default_rng(2).integers(0, 255, (*size, 3), dtype=np.uint8)
    (expected,) = model.encode([picture], model.shape(*size)).feeds.values()
    np.testing.assert_allclose(lines.line_input(picture, asdict(numbers)), expected, atol=1e-6)


@pytest.mark.parametrize("size", [(480, 640), (100, 3000), (33, 40), (1200, 900)])
def test_a_page_is_seen_as_its_family_does(size: tuple[int, int]) -> None:
    model = PaddleDetection(*variants.find("detection", ""), DetectionOptions())
    about = asdict(model.portable())
    shape = model.shape(*size)
    assert boxes.input_shape(*size, about) == shape
    picture = np.random.default_rng(2).integers(0, 255, (*shape, 3), dtype=np.uint8)
    (expected,) = model.encode([picture], shape).feeds.values()
    found = lines.numbers(picture, about["pixels"])[None]
    np.testing.assert_allclose(found, expected, atol=1e-5)
