"""The conversion to TFLite for real, in an environment that is installed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import tflite_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", ["toy-line", "toy-difference", "crnn"])
def test_the_stored_models_are_what_the_converter_makes(name: str, tmp_path: Path) -> None:
    spec = {one.name: one for one in tflite_files.published(tmp_path)}[name]
    made, stored = tflite_files.converted(spec).path, tflite_files.stored(spec).path
    assert tflite_files.same_template(made) == tflite_files.same_template(stored)
    same = made.with_name("model.tflite").read_bytes()
    assert same == stored.with_name("model.tflite").read_bytes()
