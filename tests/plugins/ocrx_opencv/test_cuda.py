"""The same preprocessors on an OpenCV with CUDA, here one that only pretends to have a card."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.errors import DeviceMissing, UsageError
from ocrx.plugins.options import make_options
from ocrx.plugins.registrar import Registrar, Request
from ocrx.testing import pictures as drawn
from ocrx.types import Image
from ocrx.weights.store import Store
from ocrx_opencv import OPTIONS, ocrx_register
from ocrx_opencv.cuda import open_cuda, otsu_threshold
from support.fakecvcuda import fake_cuda
from support.tilting import tilted


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Any:
    module = fake_cuda()
    monkeypatch.setattr(cv2, "cuda", module)
    return module


def run(name: str, image: Image, **values: Any) -> tuple[Image, Any, Any]:
    """The picture, the way back, and what ran."""
    registrar = Registrar("opencv", "ocrx")
    ocrx_register(registrar)
    [entry] = [entry for entry in registrar.added if entry.name == name]
    request = Request("", make_options(entry.options, values, name), Store(offline=True), "page")
    built: Any = entry.build(request)
    [(picture, back)] = built.apply([image])
    return picture, back, built.used


def picture_for(name: str) -> Image:
    page = drawn.page(("Invoice 2041", "for twelve bearings", "Total 17.50"))
    if name == "perspective":
        return np.asarray(cv2.copyMakeBorder(page, 30, 40, 50, 60, cv2.BORDER_CONSTANT), np.uint8)
    light = np.rint(tilted(page, 5) * np.linspace(0.5, 1, 3) + 8).astype(np.uint8)
    return np.asarray(255 - light if name == "invert" else light, np.uint8)


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_card_gives_what_the_processor_gives_and_is_told(name: str, cuda: Any) -> None:
    image = picture_for(name)
    there, its_back, used = run(name, image, device="cuda:1")
    here, back, _ = run(name, image)
    assert np.array_equal(its_back, back)
    assert not np.array_equal(here, image)
    assert np.abs(there.astype(int) - here).mean() < 0.7
    assert used[0].device == "cuda:1"
    assert cuda.devices == [1]


def test_the_mean_around_a_pixel_is_taken_on_the_card_too(cuda: Any) -> None:
    image = picture_for("adaptive")
    there, here = (run("adaptive", image, method="mean", device=d)[0] for d in ("cuda", "cpu"))
    assert (there != here).mean() < 0.005


def test_a_blur_that_is_too_large_for_the_card_is_refused(cuda: Any) -> None:
    with pytest.raises(UsageError, match=r"OpenCV takes at most 31. Give a smaller radius"):
        run("gaussian", picture_for("gaussian"), radius=6, device="cuda")


def test_a_card_that_is_not_there_is_an_error_that_lists_those_there_are(cuda: Any) -> None:
    with pytest.raises(DeviceMissing, match="It sees: cuda:0, cuda:1"):
        run("otsu", picture_for("otsu"), device="cuda:2")


def test_an_opencv_without_cuda_says_how_to_get_it() -> None:
    with pytest.raises(DeviceMissing, match=r"built without CUDA. .* WITH_CUDA=ON"):
        open_cuda(cv2.cuda, 0)


@given(st.lists(st.integers(0, 255), min_size=2, max_size=60).filter(lambda v: len(set(v)) > 1))
def test_the_threshold_of_a_histogram_parts_its_picture_as_well_as_opencv_does(
    values: list[int],
) -> None:
    grey = np.array([values], np.uint8)
    expected, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    found = otsu_threshold(np.bincount(grey.ravel(), minlength=256))
    assert within(grey, found) == pytest.approx(within(grey, expected), rel=1e-3, abs=1e-3)


def within(grey: np.ndarray, threshold: float) -> float:
    """How much the two groups vary, together."""
    groups = [grey[grey > threshold], grey[grey <= threshold]]
    return float(sum(group.var() * group.size for group in groups if group.size))
