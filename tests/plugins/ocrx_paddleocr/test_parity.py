"""PP-OCR reads alike on every runtime, in every precision, on pictures that are drawn.

`benchmarks/parity.py` says how alike on photographs; this is to notice when one of them breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from ocrx.bench.data.sample import sample_lines, sample_pages
from ocrx.errors import PrecisionUnavailable, without_errors
from ocrx.interfaces.components import Detector, Orienter, Recognizer
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.types import Image, Quad
from ocrx.weights.store import Store
from support import paddle_files, tflite_files
from support.samples import decode

# The models are converted on the first run.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

Runtime = tuple[str, Precision]
REFERENCE: Runtime = ("onnxruntime", "fp32")
RUNTIMES: tuple[Runtime, ...] = (
    ("onnxruntime", "fp16"),
    ("onnxruntime", "int8"),
    ("openvino", "fp32"),
    ("openvino", "bf16"),
    ("openvino", "fp16"),
    ("openvino", "int8"),
    ("torch", "fp32"),
    ("torch", "bf16"),
    ("tflite", "fp32"),
    ("tflite", "int8"),
    ("paddle", "fp32"),
)
BY_PROCESSOR: tuple[Runtime, ...] = (("openvino", "bf16"), ("openvino", "fp16"), ("torch", "bf16"))
"""Those that not every processor computes: there, they are refused."""

KINDS: tuple[Kind, ...] = ("recognizer", "detector", "orienter")
LINES, PAGES = 48, 2


@pytest.fixture(scope="module", autouse=True)
def kept() -> Iterator[None]:
    """Conversions stay between runs of the tests, and those of other tests serve too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCRX_CACHE_DIR", str(tflite_files.KEPT))
        tflite_files.converter()
        paddle_files.converter()
        yield
    answers.cache_clear()


@cache
def lines() -> tuple[list[Image], list[str]]:
    samples = sample_lines(LINES).samples
    return [decode(one.source) for one in samples], [one.text for one in samples]


@cache
def pages() -> list[Image]:
    return [decode(one.source) for one in sample_pages(PAGES).samples]


@cache
def answers(kind: Kind, runtime: Runtime) -> Sequence[Any]:
    """Texts, lists of quads, or whether lines are to be turned: upright ones, then upside down."""
    backend, precision = runtime
    assembly = Assembly(load_plugins(), Store(tflite_files.KEPT, offline=True), layout="line")
    session = SessionOptions(precision=precision, threads=2)
    with assembly.component(kind, "paddle", backend, session) as component:
        (used,) = component.used
        assert (used.backend, used.device, used.precision) == (backend, "cpu", precision)
        if isinstance(component, Recognizer):
            return [one.text for one in component.recognize(lines()[0])]
        if isinstance(component, Orienter):
            upside_down = [np.ascontiguousarray(one[::-1, ::-1]) for one in lines()[0]]
            found = component.orient([*lines()[0], *upside_down])
            return [one.degrees == 180 for one in found]
        assert isinstance(component, Detector)
        return [
            [region.quad for region in page] for page in without_errors(component.detect(pages()))
        ]


def had(kind: Kind, runtime: Runtime) -> Sequence[Any] | None:
    """The answers; None where the processor does not compute that, and says so."""
    try:
        return answers(kind, runtime)
    except PrecisionUnavailable:
        if runtime not in BY_PROCESSOR:
            raise
        return None


def errors(texts: Sequence[str], truths: Sequence[str]) -> float:
    """Edits that turn the texts into the truths, of the truths' characters."""
    return sum(map(edits, texts, truths)) / sum(map(len, truths))


def edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def overlap(one: Quad, other: Quad) -> float:
    """Intersection over union."""
    area, _ = cv2.intersectConvexConvex(one, other)
    union = cv2.contourArea(one) + cv2.contourArea(other) - area
    return float(area / union) if union else 0.0


def test_the_reference_reads_what_was_drawn() -> None:
    """Else the rest would compare rubbish."""
    assert errors(answers("recognizer", REFERENCE), lines()[1]) < 0.05
    found = answers("detector", REFERENCE)
    drawn = [len(one.lines or ()) for one in sample_pages(PAGES).samples]
    assert [len(page) for page in found] == pytest.approx(drawn, abs=2)
    turned = answers("orienter", REFERENCE)
    assert sum(turned[:LINES]) < 0.2 * LINES < 0.7 * LINES < sum(turned[LINES:])


@pytest.mark.parametrize("runtime", RUNTIMES, ids="-".join)
def test_lines_are_read_alike(runtime: Runtime) -> None:
    found, right = had("recognizer", runtime), answers("recognizer", REFERENCE)
    if found is not None and runtime[1] != "int8":
        assert list(found) == list(right)
    elif found is not None:
        truths = lines()[1]
        assert errors(found, truths) <= errors(right, truths) + 0.01


@pytest.mark.parametrize("runtime", RUNTIMES, ids="-".join)
def test_lines_are_found_alike(runtime: Runtime) -> None:
    found = had("detector", runtime)
    if found is None:
        return
    least = {"fp32": 0.99, "int8": 0.7}.get(runtime[1], 0.85)
    for page, right in zip(found, answers("detector", REFERENCE), strict=True):
        assert len(page) == len(right)
        for quad in right:
            assert max(overlap(quad, other) for other in page) >= least


@pytest.mark.parametrize("runtime", RUNTIMES, ids="-".join)
def test_lines_are_turned_alike(runtime: Runtime) -> None:
    found = had("orienter", runtime)
    if found is None:
        return
    right = answers("orienter", REFERENCE)
    differing = sum(a != b for a, b in zip(found, right, strict=True))
    assert differing <= (0.03 * len(right) if runtime[1] == "int8" else 0)
