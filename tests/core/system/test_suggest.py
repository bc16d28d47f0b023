"""Did you mean."""

from __future__ import annotations

import pytest

from ocrx.system.suggest import did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "most", "told"),
    [
        ("raed", ["read", "bench"], 1, "Did you mean 'read'? "),
        ("raed", ["bench"], 1, ""),
        ("raed", [], 1, ""),
        ("v2-smal", ["v2-small", "v3-small", "v2-large"], 1, "Did you mean 'v2-small'? "),
        ("v2-smal", ["v2-small", "v3-small", "x"], 3, "Did you mean 'v2-small' or 'v3-small'? "),
    ],
)
def test_the_closest_are_suggested(word: str, known: list[str], most: int, told: str) -> None:
    assert did_you_mean(word, iter(known), most) == told
