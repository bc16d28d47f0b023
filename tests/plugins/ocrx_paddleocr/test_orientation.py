"""The orientation half of PP-OCR."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from ocrx.interfaces.components import Component, Orienter
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.types import Batch, Orientation
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import parameters, specs
from ocrx_paddleocr.orientation import PaddleOrientation
from ocrx_paddleocr.variants import find
from support.labels import label

SPEC, KNOWN = find("orientation", "")


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def orienter(request: pytest.FixtureRequest) -> Iterator[Component]:
    assembly = Assembly(load_plugins(), Store(offline=True))
    with assembly.component("orienter", "paddle", request.param, SessionOptions()) as orienter:
        yield orienter


def test_upright_and_upside_down_lines_are_told_apart(orienter: Orienter) -> None:
    upright = [label([text], (330, 80))[14:70] for text in ("LOT L2611-0873", "Made in Austria")]
    crops = [*upright, *(np.ascontiguousarray(crop[::-1, ::-1]) for crop in upright)]
    found = orienter.orient(crops)
    assert [one.degrees for one in found] == [0, 0, 180, 180]
    assert min(one.score for one in found) > 0.9


@pytest.mark.parametrize("variant", specs("orientation"))
def test_every_crop_takes_the_one_shape_the_model_has(variant: str) -> None:
    spec, known = find("orientation", variant)
    model = PaddleOrientation(spec, known)
    shape = model.shape(10, 1000)
    assert shape == model.shape(1000, 10) == spec.shapes["x"][2:]
    crops = [np.full((20, 20, 3), 255, np.uint8), np.full((20, 4000, 3), 255, np.uint8)]
    (tensor,) = model.encode(crops, shape).feeds.values()
    assert tensor.dtype == np.float32
    assert tensor.shape == (2, 3, *shape)
    assert tensor[1].all()
    assert tensor[0].all() == (not known.keep_ratio)


def test_the_likelier_class_is_the_answer() -> None:
    model = PaddleOrientation(SPEC, KNOWN)
    outputs = {"y": np.array([[0.75, 0.25], [0.125, 0.875]], dtype=np.float32)}
    found = model.decode(outputs, Batch({}, [None, None]))
    assert found == [Orientation(0, 0.75), Orientation(180, 0.875)]


def test_a_model_of_another_shape_is_refused() -> None:
    odd = replace(SPEC, shapes=specs("recognition")["v6-small"].shapes)
    with pytest.raises(ValueError, match="orientation takes"):
        PaddleOrientation(odd, parameters("orientation", "v2-mobile"))


def test_what_may_be_upside_down_or_not_is_undecided() -> None:
    model = PaddleOrientation(SPEC, KNOWN)
    turned = np.array([0.1, 0.29, 0.31, 0.5, 0.69, 0.71, 1.0], dtype=np.float32)
    outputs = {"y": np.stack([1 - turned, turned], axis=1)}
    assert model.undecided(outputs, Batch({}, [None] * len(turned))) == [2, 3, 4]
