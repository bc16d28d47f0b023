"""Probabilities of texts against every path there is."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.networks.decode.likelihood import log_likelihoods


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_it_adds_up_all_paths_of_a_text(seed: int, length: int) -> None:
    steps = np.random.default_rng(seed).dirichlet(np.full(3, 0.5), length)
    totals: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(3), repeat=length):
        text = tuple(one for one, _ in itertools.groupby(path) if one)
        totals[text] += float(np.prod(steps[np.arange(length), path]))
    texts = list(totals)
    found = log_likelihoods(np.broadcast_to(steps, (len(texts), *steps.shape)), texts)
    assert np.exp(found) == pytest.approx(list(totals.values()), rel=1e-9, abs=1e-12)


def test_a_text_that_does_not_fit_is_impossible() -> None:
    steps = np.full((2, 2, 3), 1 / 3)
    assert log_likelihoods(steps, [[1, 1], [1, 2]]).tolist() == [
        -np.inf,
        pytest.approx(np.log(1 / 9)),
    ]


def test_nothing_for_nothing() -> None:
    assert log_likelihoods(np.zeros((0, 5, 3)), []).shape == (0,)
