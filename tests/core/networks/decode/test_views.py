"""Several views of a line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.interfaces.decoding import Emissions
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.networks.decode.views import combine

CHARSET = ("a", "b", "c")


def view(
    classes: list[int], second: int = 0, best: float = 0.7, fraction: float = 1.0
) -> Emissions:
    values = np.full((len(classes), len(CHARSET) + 1), 0.02, dtype=np.float32)
    values[:, second] = 0.96 - best
    values[np.arange(len(classes)), classes] = best
    return Emissions(values[None], CHARSET, [fraction])


def read(emissions: Emissions) -> str:
    return ctc_greedy(emissions)[0].text


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(1, 4))
def test_the_same_view_again_changes_nothing(classes: list[int], count: int) -> None:
    one = view(classes)
    combined = combine([one] * count)
    assert combined.log
    assert combined.values.dtype == np.float32
    assert np.allclose(np.exp(combined.values).sum(axis=2), 1, atol=1e-5)
    assert read(combined) == read(one)
    assert np.allclose(
        np.exp(combined.values) * one.values.sum(axis=2)[..., None], one.values, atol=1e-5
    )


def test_the_surer_view_decides() -> None:
    sure, unsure = view([0, 1, 0, 2], best=0.9), view([0, 1, 0, 3], second=2, best=0.5)
    assert read(combine([unsure, sure])) == read(combine([sure, unsure])) == "ab"


def test_views_of_other_lengths_and_paddings_are_aligned() -> None:
    short = view([1, 1, 2, 2, 0, 0, 0, 0], fraction=0.5)
    long = view([1, 1, 1, 1, 2, 2, 2, 2])
    combined = combine([short, long])
    assert combined.values.shape == (1, 8, 4)
    assert list(combined.fractions) == [1.0]
    assert read(combined) == "ab"


def test_a_view_cannot_rule_a_class_out_alone() -> None:
    never = Emissions(np.array([[[1, 0, 0, 0]]], np.float32), CHARSET, [1.0])
    combined = combine([never, view([2], best=0.94), view([2], best=0.94)])
    assert np.isfinite(combined.values).all()


def test_what_cannot_be_combined_is_refused() -> None:
    other = Emissions(np.full((1, 1, 3), 1 / 3, np.float32), ("a", "b"), [1.0])
    two = Emissions(np.full((2, 1, 4), 1 / 4, np.float32), CHARSET, [1.0, 1.0])
    for views, told in (([], "no views"), ([view([1]), other], "charsets"), ([two], "single line")):
        with pytest.raises(ValueError, match=told):
            combine(views)
