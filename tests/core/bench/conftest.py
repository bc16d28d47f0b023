"""A world for processes that measure: no plugin but the fakes, and a set of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.load import load_dataset
from support import fakecells


@pytest.fixture
def world(tmp_path: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """See `fakecells.install`."""
    return fakecells.install(tmp_path, monkeypatch)


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., Dataset]:
    """A set of pictures: see `fakecells.draw_set`."""

    def make(*read: Callable[[int], str]) -> Dataset:
        return load_dataset(fakecells.draw_set(tmp_path / "pictures", *read))

    return make
