"""The toy networks: their files are what the builder builds, and need no runtime to be made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from ocrx.testing import LINE, TOYS, Toy
from support.build_toys import BUILDERS


@pytest.mark.parametrize("path", BUILDERS, ids=lambda path: Path(path).name)
def test_the_shipped_file_is_what_the_builder_builds(path: Path) -> None:
    assert onnx.load(path) == BUILDERS[path]()


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_the_check_agrees_with_onnx_itself(toy: Toy) -> None:
    evaluator = ReferenceEvaluator(str(toy.files["onnx"]))
    for batch, width in ((1, 16), (3, 40)):
        feeds = toy.feeds(batch, width)
        right = dict(zip(evaluator.output_names, evaluator.run(None, dict(feeds)), strict=True))
        found = toy.reference(feeds)
        assert found.keys() == right.keys() == set(toy.outputs)
        for name, array in found.items():
            assert array.dtype == np.float32
            np.testing.assert_allclose(array, right[name], rtol=1e-5, atol=1e-6)


def test_feeds_have_the_batch_and_width_asked_for_and_differ_by_seed() -> None:
    feeds = LINE.feeds(3, 24)
    assert feeds["picture"].shape == (3, 1, 8, 24)
    assert feeds["picture"].dtype == np.float32
    assert np.array_equal(feeds["picture"], LINE.feeds(3, 24)["picture"])
    assert not np.array_equal(feeds["picture"], LINE.feeds(3, 24, seed=1)["picture"])


def test_a_format_it_does_not_exist_in_is_an_error() -> None:
    assert LINE.artifact(("paddle", "onnx")).path == LINE.files["onnx"]
    with pytest.raises(KeyError, match="toy-line exists as onnx, not paddle"):
        LINE.artifact(("paddle",))
