"""Large pages are detected in strips whose kept parts make up the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.types import Batch
from ocrx_paddleocr.catalogue import parameters, specs
from ocrx_paddleocr.detection import MARGIN, STRIDE, STRIP_PIXELS, PaddleDetection, strips
from ocrx_paddleocr.settings import DetectionOptions

sides = st.integers(1, 128).map(lambda n: n * STRIDE)


@given(sides, sides)
def test_the_kept_parts_are_the_page_each_once(length: int, across: int) -> None:
    found = strips(length, across)
    kept = [range(s.start + s.keep_start, s.start + s.keep_stop) for s in found]
    assert [i for part in kept for i in part] == list(range(length))
    assert {s.stop - s.start for s in found} == {found[0].stop - found[0].start}
    for strip in found:
        assert 0 <= strip.start < strip.stop <= length
        assert strip.start % STRIDE == strip.stop % STRIDE == 0


@given(sides, sides)
def test_strips_are_small_and_see_beyond_what_they_keep(length: int, across: int) -> None:
    found = strips(length, across)
    if len(found) == 1:
        return
    for strip in found:
        size = strip.stop - strip.start
        assert size * across <= STRIP_PIXELS or size <= 4 * MARGIN
        assert strip.keep_start >= MARGIN - STRIDE or strip.start == 0
        assert size - strip.keep_stop >= MARGIN - STRIDE or strip.stop == length


def test_outputs_are_put_together_along_the_longer_side() -> None:
    spec = specs("detection")["v6-small"]
    model = PaddleDetection(spec, parameters("detection", "v6-small"), DetectionOptions())
    seen: list[tuple[int, ...]] = []

    def first_channel(feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        seen.append(feeds["x"].shape)
        return {"y": feeds["x"][:, :1]}

    for shape in ((2016, 1408), (1408, 2016), (64, 96)):
        tensor = np.random.default_rng(0).random((1, 3, *shape), dtype=np.float32)
        seen.clear()
        (whole,) = model.infer(first_channel, Batch({"x": tensor}, [shape])).values()
        assert np.array_equal(whole, tensor[:, :1])
        assert len(seen) == (3 if max(shape) > 1000 else 1)
