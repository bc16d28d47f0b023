"""What scripts write into docs/ is what they would write today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_reference_is_up_to_date() -> None:
    reference = script("make_reference")
    assert reference.TARGET.read_text(encoding="utf-8") == reference.render(), (
        "run python docs/make_reference.py"
    )


@pytest.mark.slow
def test_the_picture_of_the_result_is_up_to_date(tmp_path: Path) -> None:
    images = script("make_images")
    images.draw(tmp_path / "overlay.png")
    with Image.open(tmp_path / "overlay.png") as new, Image.open(images.TARGET) as kept:
        assert new.size == kept.size
        # Fonts differ between machines, and boxes by a pixel between runtimes: not much.
        pixels = [np.asarray(picture.convert("L"), np.float32) for picture in (new, kept)]
    assert np.abs(pixels[0] - pixels[1]).mean() < 8, "run python docs/make_images.py"
