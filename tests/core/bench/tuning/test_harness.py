"""How tuning has cells measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.result import Cell
from ocrx.bench.run.settings import Settings
from ocrx.bench.tuning.harness import harness
from ocrx.bench.tuning.search import Effort
from support.fakeresults import ENVIRONMENT


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_cells_get_the_decoder_and_the_options_that_concern_them(
    pictures: Callable[..., Dataset],
) -> None:
    options: dict[str, dict[str, Any]] = {
        "decoder.shout": {"times": 2},
        "detector.paddle": {"for": "pages"},
    }
    settings = Settings(layout="line", parity=False, options=options)
    measure = harness(pictures("a!!".format), ENVIRONMENT, settings, lambda progress: None)
    cell = Cell("letters", "", "openvino", "fp32", threads=1, decoder="shout")
    (result,) = measure([cell], Effort(pictures=2, rounds=1, seconds=60))
    assert (result.state, result.reason) == ("ok", "")
    assert result.figures is not None
    assert result.figures.used[0].decoder == "shout"
    assert result.figures.quality.exact is not None
    assert result.figures.quality.exact.value == 100.0
