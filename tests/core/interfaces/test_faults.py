"""What no component may return, and that each is told for what it is."""

from __future__ import annotations

import re
from typing import Any, cast

import numpy as np
import pytest

from ocrx.errors import InputError
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.faults import (
    fault_of_emissions,
    fault_of_orientation,
    fault_of_page,
    fault_of_preparation,
    fault_of_regions,
    fault_of_text,
)
from ocrx.types import Line, Orientation, Page, Region, Text, frozen_quad

IMAGE = np.zeros((100, 200, 3), np.uint8)
QUAD = frozen_quad([[0, 0], [50, 0], [50, 20], [0, 20]])
FAR = frozen_quad([[-1e9, 0], [50, 0], [50, 20], [0, 20]])
NAN = frozen_quad([[np.nan, 0], [50, 0], [50, 20], [0, 20]])
ERROR = InputError("a", "b")


@pytest.mark.parametrize("result", [[], [Region(QUAD, 0.5)], ERROR], ids=repr)
def test_sound_regions(result: Any) -> None:
    assert fault_of_regions(result, IMAGE) == ""


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (None, "a NoneType in place of a list of Regions"),
        ([3], "an int in place of a Region"),
        ([Region(FAR, 0.5)], r"a quad that has a corner at \(-1e\+09, 0\), far outside .* 200x100"),
        ([Region(NAN, 0.5)], r"a quad that has a corner at \(nan, 0\)"),
        ([Region(QUAD[:3], 0.5)], "not an array of shape"),
        ([Region(QUAD, 1.5)], "a score of 1.5"),
        ([Region(QUAD, float("nan"))], "a score of nan"),
    ],
)
def test_faulty_regions(result: Any, fault: str) -> None:
    assert re.search(fault, fault_of_regions(result, IMAGE))


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (Text(("a",), (0.5,), ((0.0, 1.0),)), ""),
        (Text(), ""),
        ("a", "a str in place of a Text"),
        (Text((cast("str", 1),), (0.5,), ((0, 1),)), "not all str"),
        (Text(("a",), (-0.1,), ((0, 1),)), "a score of -0.1"),
        (Text(("a",), (0.5,), ((0, 1.5),)), "a span of"),
    ],
)
def test_texts(result: Any, fault: str) -> None:
    found = fault_of_text(result, IMAGE)
    assert fault in found
    assert bool(fault) == bool(found)


@pytest.mark.parametrize(
    ("values", "log", "fault"),
    [
        ([0.0, 0.5, 1.004], False, ""),
        ([-np.inf, -3.0, 0.0], True, ""),
        ([0.0, np.nan, 1.0], False, "emissions that hold nan, which is not a probability"),
        ([-0.5, 0.0, 1.0], False, "hold -0.5"),
        ([0.1, 0.5, 0.9], True, "hold 0.1, which is not the logarithm of a probability"),
    ],
)
def test_emissions(values: list[float], log: bool, fault: str) -> None:
    found = fault_of_emissions(Emissions(np.array([[values]]), "ab", [1.0], log))
    assert fault in found
    assert bool(fault) == bool(found)


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (Orientation(270, 0.5), ""),
        (Orientation(45, 0.5), "45 degrees"),
        (Orientation(180, 2.0), "a score of 2.0"),
        (180, "an int in place of an Orientation"),
    ],
)
def test_orientations(result: Any, fault: str) -> None:
    found = fault_of_orientation(result, IMAGE)
    assert fault in found
    assert bool(fault) == bool(found)


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (Page((Line("a", 0.5, QUAD),), 200, 100), ""),
        (ERROR, ""),
        ([], "a list in place of a Page"),
        (Page((cast("Line", "a"),), 200, 100), "a str in place of a Line"),
        (Page((Line("a", 0.5, FAR),), 200, 100), "far outside"),
        (Page((Line("a", 50, QUAD),), 200, 100), "a score of 50"),
    ],
)
def test_pages(result: Any, fault: str) -> None:
    found = fault_of_page(result, IMAGE)
    assert fault in found
    assert bool(fault) == bool(found)


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        ((IMAGE, np.eye(3)), ""),
        (IMAGE, "in place of a picture and a homography"),
        ((IMAGE[:, :, 0], np.eye(3)), "not a uint8 picture"),
        ((IMAGE.astype(float), np.eye(3)), "not a uint8 picture"),
        ((IMAGE[:0], np.eye(3)), "not a uint8 picture"),
        ((IMAGE, np.eye(2)), "not a float64 homography"),
        ((IMAGE, np.full((3, 3), np.nan)), "not finite"),
    ],
    ids=range(7),
)
def test_preparations(result: Any, fault: str) -> None:
    found = fault_of_preparation(result, IMAGE)
    assert fault in found
    assert bool(fault) == bool(found)
