"""Checks the results of components: one function for each interface.

Each takes a result and its picture, and says what is wrong in words that follow "returned", or ""
if the result is what the interface promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from ocrx.errors import OcrxError
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.interfaces.tensors import DeviceTensor
from ocrx.types import Image, Item, Line, Orientation, Page, Region, TensorSpec, Text

DEGREES = (0, 90, 180, 270)
ROUNDED = 0.01
"""By how much rounding to bf16 may carry a probability out of 0 to 1."""


def fault_of_regions(result: object, image: Image) -> str:
    """Checks the result of a detector: a list of Regions, or an error."""
    if isinstance(result, OcrxError):
        return ""
    if not isinstance(result, list):
        return f"{_a(result)} in place of a list of Regions"
    for region in result:
        if not isinstance(region, Region):
            return f"{_a(region)} in place of a Region"
        fault = _fault_of_quad(region.quad, image) or _fault_of_scores([region.score])
        if fault:
            return f"a Region with {fault}"
    return ""


def fault_of_items(result: object, image: Image) -> str:
    """Checks the result of a finder: a list of Items, or an error."""
    if isinstance(result, OcrxError):
        return ""
    if not isinstance(result, list):
        return f"{_a(result)} in place of a list of Items"
    for item in result:
        if not isinstance(item, Item):
            return f"{_a(item)} in place of an Item"
        if not isinstance(item.type, str) or not isinstance(item.value, str):
            return f"an Item whose type {item.type!r} or value {item.value!r} is not a string"
        fault = _fault_of_quad(item.quad, image) or _fault_of_scores([item.score])
        if fault:
            return f"an Item with {fault}"
    return ""


def fault_of_preparation(result: object, _: Image) -> str:
    """Checks the result of a preprocessor: a picture, and the homography back."""
    if not isinstance(result, tuple) or len(result) != 2:
        return f"{_a(result)} in place of a picture and a homography"
    picture, matrix = result
    if not _is_picture(picture):
        return "something that is not a uint8 picture of shape (height, width, 3)"
    if getattr(matrix, "dtype", None) != np.float64 or matrix.shape != (3, 3):
        return "something that is not a float64 homography of shape (3, 3)"
    return "" if np.isfinite(matrix).all() else "a homography that is not finite"


def fault_of_orientation(result: object, _: Image) -> str:
    """Checks the result of an orienter: an Orientation of 0, 90, 180 or 270 degrees."""
    if not isinstance(result, Orientation):
        return f"{_a(result)} in place of an Orientation"
    if result.degrees not in DEGREES:
        return f"an Orientation of {result.degrees} degrees"
    fault = _fault_of_scores([result.score])
    return f"an Orientation with {fault}" if fault else ""


def fault_of_text(result: object, _: object = None) -> str:
    """Checks the result of a recogniser, or one of a decoder: a Text."""
    if not isinstance(result, Text):
        return f"{_a(result)} in place of a Text"
    if not all(isinstance(char, str) for char in result.chars):
        return "a Text whose characters are not all str"
    fault = _fault_of_scores(result.scores) or _fault_of_spans(result.spans)
    return f"a Text with {fault}" if fault else ""


def fault_of_texts(result: object, lines: int) -> str:
    """Checks the result of a decoder: a list with a Text for each of `lines` lines."""
    if not isinstance(result, list):
        return f"{_a(result)} in place of a list of Texts"
    if len(result) != lines:
        return f"{len(result)} texts for {lines} lines"
    return next(filter(None, map(fault_of_text, result)), "")


def fault_of_emissions(result: object) -> str:
    """Checks the result of a CTC model: Emissions of probabilities, or of their logarithms."""
    if not isinstance(result, Emissions):
        return f"{_a(result)} in place of Emissions"
    low, high = (-np.inf, ROUNDED) if result.log else (-ROUNDED, 1 + ROUNDED)
    wrong = result.values[~((result.values >= low) & (result.values <= high))]
    what = "the logarithm of a probability" if result.log else "a probability"
    return f"emissions that hold {wrong[0]}, which is not {what}" if wrong.size else ""


def fault_of_session(result: object, asked: SessionOptions) -> str:
    """Checks the result of `Backend.open`: a Session that says what it takes and gives, and runs on
    the device and in the precision that were asked for."""
    if not isinstance(result, Session):
        return f"{_a(result)} in place of a Session"
    for name in ("inputs", "outputs"):
        specs = getattr(result, name, None)
        if not isinstance(specs, tuple) or not all(isinstance(one, TensorSpec) for one in specs):
            return f"a Session whose {name} are {specs!r}, which is no tuple of TensorSpecs"
    for name in ("device", "precision"):
        runs, wanted = getattr(result, name, None), getattr(asked, name)
        if not isinstance(runs, str):
            return f"a Session whose {name} is {runs!r}, which is no text"
        # "cuda" may be any of "cuda:0", "cuda:1", "gpu" any of "gpu.0", "gpu.1".
        same = re.fullmatch(rf"{re.escape(wanted)}([:.].*)?", runs, re.IGNORECASE)
        if wanted != "auto" and not same:
            return f"a Session whose {name} is {runs}, where {wanted} was asked for"
    return ""


def fault_of_outputs(result: object, names: Iterable[str]) -> str:
    """Checks the outputs of a session: an array, or a DeviceTensor, for each of the names."""
    if not isinstance(result, Mapping):
        return f"{_a(result)} in place of its outputs by name"
    for name in names:
        if name not in result:
            return f"no output {name!r}"
        if not isinstance(result[name], np.ndarray | DeviceTensor):
            return f"{_a(result[name])} as the output {name!r}"
    return ""


def fault_of_page(result: object, image: Image) -> str:
    """Checks the result of a page reader: a Page, or an error."""
    if isinstance(result, OcrxError):
        return ""
    if not isinstance(result, Page):
        return f"{_a(result)} in place of a Page"
    for line in result.lines:
        if not isinstance(line, Line) or not isinstance(line.text, str):
            return f"a Page with {_a(line)} in place of a Line"
        fault = _fault_of_quad(line.quad, image) or _fault_of_scores([line.score])
        if fault:
            return f"a Line with {fault}"
    return ""


def _a(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def _is_picture(value: object) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.dtype == np.uint8
        and value.ndim == 3
        and value.shape[2] == 3
        and value.size > 0
    )


def _fault_of_quad(quad: object, image: Image) -> str:
    """A quad may reach beyond its picture, but by no more than the picture's own size."""
    if not isinstance(quad, np.ndarray) or quad.shape != (4, 2):
        return "a quad that is not an array of shape (4, 2)"
    size = np.array(image.shape[1::-1])
    if ((quad >= -size) & (quad <= 2 * size)).all():
        return ""
    corner = quad[((quad < -size) | (quad > 2 * size) | np.isnan(quad)).any(axis=1)][0]
    return (
        f"a quad that has a corner at ({corner[0]:g}, {corner[1]:g}), "
        f"far outside the picture of {size[0]}x{size[1]}"
    )


def _fault_of_scores(scores: Iterable[float]) -> str:
    wrong = [score for score in scores if not 0 <= score <= 1]
    return f"a score of {wrong[0]}, which is not between 0 and 1" if wrong else ""


def _fault_of_spans(spans: Iterable[tuple[float, float]]) -> str:
    # This runs for every character: without a generator it takes a third of the time.
    wrong = [
        span for span in spans if not (len(span) == 2 and 0 <= span[0] <= 1 and 0 <= span[1] <= 1)
    ]
    return f"a span of {wrong[0]}, which is not within 0 to 1" if wrong else ""
