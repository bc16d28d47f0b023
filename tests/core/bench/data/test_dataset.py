"""Pictures with their truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.bench.data.dataset import Dataset, Sample, limited

TEN = Dataset("ten", Path(), "lines", [Sample(str(i), b"", "") for i in range(10)])


@pytest.mark.parametrize(("limit", "names"), [(1, "0"), (3, "036"), (5, "02468")])
def test_some_are_taken_from_all_over_the_set(limit: int, names: str) -> None:
    assert "".join(sample.name for sample in limited(TEN, limit).samples) == names


@pytest.mark.parametrize("limit", [None, 10, 11])
def test_where_there_are_no_more_all_are_taken(limit: int | None) -> None:
    assert limited(TEN, limit) is TEN
