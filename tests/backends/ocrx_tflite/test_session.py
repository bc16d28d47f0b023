"""TFLite sessions: networks with a state, and outputs whose first axis is not the batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.artifacts import Artifact
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.types import Tensor
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_tflite.backend import TfliteBackend
from support import tflite_files
from support.crnn import crnn


def pictures(count: int, width: int) -> dict[str, Tensor]:
    random = np.random.default_rng(width)
    return {"picture": random.uniform(-1, 1, (count, 1, 32, width)).astype(np.float32)}


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A CRNN with an LSTM, on ONNX Runtime and on TFLite."""
    published = crnn(tmp_path_factory.mktemp("crnn"))
    options = SessionOptions(threads=1)
    with (
        OnnxRuntimeBackend().open(published, options) as right,
        TfliteBackend().open(tflite_files.stored(published.spec), options) as session,
    ):
        yield right, session


def test_a_call_leaves_no_state_for_the_next(networks: tuple[Session, Session]) -> None:
    right, session = networks
    feeds = pictures(1, 96)
    expected = right.run(feeds)["scores"]
    for _ in range(3):
        np.testing.assert_allclose(session.run(feeds)["scores"], expected, atol=1e-5)


@pytest.mark.parametrize("width", [64, 128])
def test_a_batch_is_stacked_along_the_axis_that_counts_pictures(
    networks: tuple[Session, Session], width: int
) -> None:
    """The CRNN gives (steps, pictures, classes)."""
    right, session = networks
    feeds = pictures(3, width)
    found = session.run(feeds)["scores"]
    assert found.shape == (width // 4, 3, 11)
    np.testing.assert_allclose(found, right.run(feeds)["scores"], atol=1e-5)
    assert session.outputs[0].shape[1] is None


def test_a_file_on_its_own_is_stacked_alike(
    networks: tuple[Session, Session], tmp_path: Path
) -> None:
    right, _ = networks
    published = crnn(tmp_path)
    path = tflite_files.stored(published.spec).path.with_name("model.tflite")
    feeds = pictures(2, 128)
    with TfliteBackend().open(
        Artifact(path, "tflite", published.spec), SessionOptions()
    ) as session:
        found = session.run(feeds)["scores"]
    np.testing.assert_allclose(found, right.run(feeds)["scores"], atol=1e-5)
