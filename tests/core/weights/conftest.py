from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrx.artifacts import Source
from ocrx.weights.store import Store
from support.fileserver import CONTENT, FileServer, serve


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(CONTENT) as running:
        yield running


@pytest.fixture
def source(server: FileServer) -> Source:
    return server.source()


@pytest.fixture
def store(cache_dir: Path) -> Store:
    return Store(cache_dir)
