"""Models in TFLite: small ones that are stored in tests/files, and any, converted for real.

PYTHONPATH=tests python -m support.tflite_files

converts the stored ones again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.conversion.environments import install
from ocrx.conversion.routes import wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.names import Precision
from ocrx.testing import DIFFERENCE, LINE
from ocrx.weights.store import Store
from ocrx_tflite.backend import TfliteBackend
from ocrx_tflite.converter import ENVIRONMENT, OnnxToTflite
from support.crnn import crnn

TESTS = Path(__file__).parents[1]
STORED = TESTS / "files" / "tflite"
KEPT = TESTS.parent / ".pytest_cache" / "ocrx"
"""The environment is installed once and kept, as are the files, between pytest's runs."""


@cache
def converter() -> OnnxToTflite:
    """The converter with its environment, which takes a minute to install the first time."""
    install(ENVIRONMENT, KEPT, lambda _: None)
    return OnnxToTflite(KEPT)


def converted(spec: ModelSpec, precision: Precision = "fp32") -> Artifact:
    wanted = wanted_by(TfliteBackend(), spec, precision)
    return Workshop(Store(KEPT, offline=True), [converter()], no_progress).artifact(spec, wanted)


def stored(spec: ModelSpec) -> Artifact:
    """The model as it was converted, in fp32."""
    return Artifact(STORED / spec.name / "model.json", "tflite", replace(spec, precision="fp32"))


def published(folder: Path) -> list[ModelSpec]:
    """The models that are stored, as they were before they were converted."""
    return [LINE.spec(), DIFFERENCE.spec(), crnn(folder).spec]


def same_template(path: Path) -> str:
    """The template in a file, without the traces of when and where it was made."""
    return json.dumps(json.loads(path.read_text("utf-8")) | {"made_by": {}})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for one in published(Path(scratch)):
            made = converted(one).path
            target = stored(one).path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(same_template(made) + "\n", "utf-8")
            shutil.copy(made.with_name("model.tflite"), target.with_name("model.tflite"))
