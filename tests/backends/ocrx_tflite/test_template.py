"""One TFLite file for every size: finding what differs, and filling it in."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx_tflite.template import Length, NotAffine, Patch, Port, Template, compare, corners, fill

WIDTH = Length("width", 192, 320, 32)
HEIGHT = Length("height", 448, 736, 32)


def file_of(*words: int, tail: bytes = b"") -> bytes:
    return np.array(words, "<i4").tobytes() + tail


def converted(width: int) -> bytes:
    return file_of(7, width, -1, width // 8 + 2, 7, width, tail=b"TFL")


def test_what_differs_is_found_and_filled_in() -> None:
    low, high = converted(192), converted(320)
    patches = compare([low, high])
    assert patches == (Patch((192, 320), (1, 5)), Patch((26, 42), (3,)))
    for width in (32, 64, 192, 320, 3200):
        assert fill(high, [WIDTH], patches, [width]) == converted(width)


def test_a_size_that_gives_no_whole_number_is_refused() -> None:
    patches = compare([converted(192), converted(320)])
    with pytest.raises(NotAffine, match="'width': 100"):
        fill(converted(320), [WIDTH], patches, [100])


@given(
    st.tuples(*[st.integers(-50, 50)] * 4),
    st.integers(1, 60).map(lambda n: 32 * n),
    st.integers(1, 60).map(lambda n: 32 * n),
)
def test_numbers_that_follow_two_lengths_and_their_product(
    factors: tuple[int, int, int, int], height: int, width: int
) -> None:
    def made(size: tuple[int, ...]) -> bytes:
        h, w = size
        constant, by_height, by_width, by_both = factors
        return file_of(
            1, constant + by_height * h // 16 + by_width * w // 32 + by_both * h * w // 64
        )

    lengths = [HEIGHT, WIDTH]
    files = [made(size) for size in corners(lengths)]
    assert fill(files[-1], lengths, compare(files), (height, width)) == made((height, width))


def test_the_last_corner_is_the_file_itself() -> None:
    assert corners([HEIGHT, WIDTH]) == [(448, 192), (448, 320), (736, 192), (736, 320)]
    assert corners([]) == [()]


def test_a_model_without_dynamic_lengths_is_left_as_it_is() -> None:
    only = file_of(1, 2, 3)
    assert compare([only]) == ()
    assert fill(only, [], (), ()) == only


@pytest.mark.parametrize(
    "spoil", [lambda file: file + b"\0\0\0\0", lambda file: file[:-1] + b"!"], ids=["longer", "end"]
)
def test_files_that_differ_in_more_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(NotAffine):
        compare([converted(192), spoil(converted(320))])


def test_it_goes_through_json() -> None:
    template = Template(
        file="model.tflite",
        inputs=(Port("x", (1, 3, 48, "width"), "float32", (0, 2, 3, 1)),),
        outputs=(Port("y", ("?", 4), "float32", (0, 1)),),
        lengths=(WIDTH,),
        patches=(Patch((1, 2), (3, 4)),),
        rows=True,
        made_by={"onnx2tf": "2"},
    )
    assert Template.from_json(json.loads(json.dumps(template.to_json()))) == template
