"""Digits of displays are read, in any size and on either ground."""

from __future__ import annotations

import cv2
import numpy as np
import onnx
import pytest

from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.testing import NetworkModelContract
from ocrx.types import Image
from ocrx_openvino.backend import OpenVinoBackend
from ocrx_segments import SegmentModel
from ocrx_segments.digits import draw
from ocrx_segments.make_network import TARGET, network


# --8<-- [start:contract]
class TestContract(NetworkModelContract):
    def make(self) -> SegmentModel:
        return SegmentModel()

    def backend(self) -> Backend:
        return OpenVinoBackend()

    def pictures(self) -> list[Image]:
        return [draw("2041"), draw("7"), draw("0123456789", scale=1)]

    def expected(self) -> list[tuple[Image, str]]:
        return [(draw("2041"), "2041"), (draw("0123456789"), "0123456789")]


# --8<-- [end:contract]


def read(image: Image) -> str:
    model = SegmentModel()
    batch = model.encode([image], model.shape(*image.shape[:2]))
    with OpenVinoBackend().open(TestContract().artifact(), SessionOptions()) as session:
        return model.decode(session.run(batch.feeds), batch)[0].text


@pytest.mark.parametrize("text", ["0123456789", "11", "1", "7117", "00", "8608", "41"])
@pytest.mark.parametrize("size", [0.7, 1.0, 2.3])
def test_digits_of_any_size_are_read(text: str, size: float) -> None:
    picture = cv2.resize(draw(text), None, fx=size, fy=size)
    assert read(picture.astype(np.uint8)) == text


def test_a_display_may_shine() -> None:
    assert read(255 - draw("2041")) == "2041"


def test_an_empty_display() -> None:
    assert read(np.full((40, 100, 3), 255, np.uint8)) == ""


def test_the_file_is_what_the_script_writes() -> None:
    assert onnx.load(TARGET) == network()
