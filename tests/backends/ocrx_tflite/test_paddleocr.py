"""The PP-OCR models on TFLite read what they read on ONNX Runtime, from the published files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.names import Precision, Task
from ocrx.reading.reader import Reader
from ocrx.types import Image, Tensor
from ocrx.weights.store import Store
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_paddleocr import catalogue
from ocrx_tflite.backend import TfliteBackend
from support import tflite_files

# The models are converted on the first run.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LABELS = (
    "LOT 7H-20931 EXP 05/2027",
    "Invoice No. 88120-4417",
    "Total  $1,204.59",
    "ISO 9001",
    "The quick brown fox jumps over the lazy dog, 1234567890 times",
    "42",
)
SIZES: dict[Task, list[tuple[int, int, int]]] = {
    "detection": [(1, 736, 960), (1, 352, 1184), (1, 32, 64)],
    "recognition": [(2, 48, 320), (1, 48, 64), (3, 48, 704)],
    "orientation": [(3, 48, 192)],
}


def label(text: str, scale: float = 1.2) -> Image:
    """Dark text on light paper, with a margin and a little noise."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    picture = np.full((height + below + 24, width + 40, 3), 235, np.uint8)
    at = (20, height + 12)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 30, 30), 2, cv2.LINE_AA)
    noise = np.random.default_rng(len(text)).integers(-12, 12, picture.shape)
    return np.asarray((picture.astype(int) + noise).clip(0, 255), np.uint8)


def page() -> Image:
    """The labels below each other, in two sizes."""
    pictures = [label(text, 0.8 + 0.4 * (at % 2)) for at, text in enumerate(LABELS)]
    whole = np.full((sum(len(p) for p in pictures) + 90, 1300, 3), 235, np.uint8)
    y = 15
    for one in pictures:
        whole[y : y + one.shape[0], 30 : 30 + one.shape[1]] = one
        y += one.shape[0] + 12
    return whole


def spec(task: Task) -> ModelSpec:
    return next(iter(catalogue.specs(task).values()))


def on_onnxruntime(task: Task) -> Session:
    path = Store(offline=True).path(spec(task).artifacts["onnx"])
    return OnnxRuntimeBackend().open(Artifact(path, "onnx", spec(task)), SessionOptions())


def on_tflite(task: Task, precision: Precision) -> Session:
    artifact = tflite_files.converted(spec(task), precision)
    return TfliteBackend().open(artifact, SessionOptions(threads=2))


def outputs(session: Session, batch: int, height: int, width: int) -> Tensor:
    random = np.random.default_rng((batch, height, width))
    fed = random.uniform(-1, 1, (batch, 3, height, width)).astype(np.float32)
    [found] = session.run({catalogue.INPUT: fed}).values()
    return found


@pytest.mark.parametrize("task", SIZES)
def test_outputs_are_those_of_onnx_runtime(task: Task) -> None:
    with on_onnxruntime(task) as right, on_tflite(task, "fp32") as session:
        assert session.inputs == tuple(
            replace(one, shape=given.shape)
            for one, given in zip(right.inputs, session.inputs, strict=True)
        )
        for size in SIZES[task]:
            expected = outputs(right, *size)
            np.testing.assert_allclose(outputs(session, *size), expected, rtol=0, atol=5e-4)


@pytest.fixture(scope="module", params=["fp32", "int8"])
def readings(request: pytest.FixtureRequest) -> Iterator[tuple[str, Reader, Reader]]:
    """A precision, the reader on ONNX Runtime and the one on TFLite in that precision."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCRX_CACHE_DIR", str(tflite_files.KEPT))
        tflite_files.converter()
        with (
            Reader(backend="onnxruntime") as right,
            Reader(backend="tflite", precision=request.param) as reader,
        ):
            yield request.param, right, reader


def test_pages_are_read_alike(readings: tuple[str, Reader, Reader]) -> None:
    precision, right, reader = readings
    expected, found = right.read(page()), reader.read(page())
    assert found.text == expected.text
    assert "7H-20931" in found.text
    assert [one.backend for one in found.used] == ["tflite"] * len(found.used)
    assert {one.precision for one in found.used} == {precision}
    close = 2 if precision == "fp32" else 8
    for one, other in zip(found.lines, expected.lines, strict=True):
        np.testing.assert_allclose(one.quad, other.quad, atol=close)


def test_lines_are_read_alike(readings: tuple[str, Reader, Reader]) -> None:
    _, right, reader = readings
    pictures = [label(text) for text in LABELS]
    expected = [one.text for one in right.read_many(pictures)]
    assert [one.text for one in reader.read_many(pictures)] == expected


def test_upside_down_is_noticed_alike() -> None:
    """The classifier's answer, and in int8 too."""
    upright = label("Invoice No. 88120-4417")
    batch = [cv2.resize(one, (192, 48)) for one in (upright, upright[::-1, ::-1].copy())]
    fed = (np.stack(batch).transpose(0, 3, 1, 2) / 127.5 - 1).astype(np.float32)
    with on_onnxruntime("orientation") as right:
        [expected] = right.run({catalogue.INPUT: fed}).values()
    assert expected.argmax(1).tolist() == [0, 1]
    for precision, close in (("fp32", 1e-4), ("int8", 0.1)):
        with on_tflite("orientation", "fp32" if precision == "fp32" else "int8") as session:
            assert session.precision == precision
            [found] = session.run({catalogue.INPUT: fed}).values()
        np.testing.assert_allclose(found, expected, atol=close)
