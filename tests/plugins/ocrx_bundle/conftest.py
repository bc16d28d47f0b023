"""A bundle that tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx_bundle.making import make
from ocrx_bundle.wanted import Wanted
from support.tinylines import tiny_lines


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of the small network for the Jetson Nano, at an opset that has to be lowered."""
    folder = tmp_path_factory.mktemp("bundles")
    network = tiny_lines(folder / "tiny.onnx", 14, "HardSwish")
    notes = make(Wanted(f"paddle:{network}", "jetson-nano", folder / "nano"))
    assert notes[:2] == [
        "tiny: rewrote HardSwish for TensorRT 8.2",
        "tiny: wrote opset 14 as 13",
    ]
    return folder / "nano"
