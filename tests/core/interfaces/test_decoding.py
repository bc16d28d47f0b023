"""What emissions say of themselves."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.interfaces.decoding import Emissions

VALUES = np.array(
    [[[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], [[0.2, 0.2, 0.6], [0.9, 0.1, 0]]], np.float32
)


def test_the_best_class_and_its_probability() -> None:
    emissions = Emissions(VALUES, "ab", [1.0, 0.5])
    assert emissions.best.tolist() == [[1, 0], [2, 0]]
    assert np.allclose(emissions.best_probabilities, [[0.7, 0.5], [0.6, 0.9]])
    with np.errstate(divide="ignore"):
        logs = Emissions(np.log(VALUES), "ab", [1.0, 0.5], log=True)
    assert np.allclose(logs.best_probabilities, emissions.best_probabilities)


def test_a_line_is_a_view() -> None:
    emissions = Emissions(VALUES, "ab", [1.0, 0.5])
    line = emissions.line(1)
    assert (len(line), line.steps(0)) == (1, 1.0)
    assert np.shares_memory(line.values, VALUES)


@pytest.mark.parametrize(
    ("values", "charset", "fractions", "told"),
    [
        (VALUES[0], "ab", [1.0], r"shape \(N, T, C\), not \(2, 3\)"),
        (VALUES, "abcdefgh", [1.0, 1.0], "3 classes for 8 characters and a blank"),
        (VALUES, "ab", [1.0], "2 rows with 1 fractions"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    values: np.typing.NDArray[np.float32], charset: str, fractions: list[float], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        Emissions(values, charset, fractions)
