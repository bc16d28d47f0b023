"""What a session is fed is checked before a runtime sees it."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.errors import InvalidFeed
from ocrx.interfaces.feeds import check_feeds, describe_shape
from ocrx.types import Tensor, TensorSpec

INPUTS = (TensorSpec("x", (None, 3, 48, None), "float32"), TensorSpec("n", (), "int64"))


def feeds(**changes: Tensor) -> dict[str, Tensor]:
    return {"x": np.zeros((2, 3, 48, 7), np.float32), "n": np.array(2), **changes}


def test_what_fits_passes() -> None:
    check_feeds(INPUTS, feeds())
    check_feeds((), {})


def test_unknown_and_missing_inputs_are_all_named() -> None:
    wrong = {"y": np.zeros(1), "a": np.zeros(1), "n": np.array(2)}
    with pytest.raises(InvalidFeed) as caught:
        check_feeds(INPUTS, wrong)
    assert caught.value.message == "unknown input 'a'; unknown input 'y'; input 'x' is missing"
    assert caught.value.remedy == "Feed exactly: x, n."


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.uint8, np.int32])
def test_another_dtype_is_refused(dtype: type) -> None:
    with pytest.raises(InvalidFeed, match=r"input 'x' is \w+\. Convert it to float32\."):
        check_feeds(INPUTS, feeds(x=np.zeros((1, 3, 48, 7), dtype)))


@pytest.mark.parametrize(
    "shape", [(3, 48, 7), (1, 1, 48, 7), (1, 3, 47, 7), (0, 3, 48, 7), (1, 3, 48, 0), (1,) * 5]
)
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidFeed) as caught:
        check_feeds(INPUTS, feeds(x=np.zeros(shape, np.float32)))
    assert caught.value.message == f"input 'x' has shape {shape}"
    assert caught.value.remedy == "Feed (?, 3, 48, ?)."


def test_a_shape_is_written_for_people() -> None:
    assert describe_shape((None, 3)) == "(?, 3)"
    assert describe_shape(()) == "()"
