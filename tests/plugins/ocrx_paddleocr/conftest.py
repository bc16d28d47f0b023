"""The default models, opened once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ocrx import Reader


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader(offline=True) as reader:
        yield reader


@pytest.fixture(scope="session", params=["openvino", "onnxruntime"])
def any_reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    with Reader(backend=request.param, offline=True) as reader:
        yield reader
