"""Models converted to TFLite, for real: the environment is installed once and kept, as are the
files, in the folder that pytest keeps between its runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.conversion.environments import install
from ocrx.conversion.routes import Wanted
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.names import Precision
from ocrx.weights.store import Store
from ocrx_tflite.backend import TfliteBackend
from ocrx_tflite.converter import ENVIRONMENT, OnnxToTflite

KEPT = Path(__file__).parents[2] / ".pytest_cache" / "ocrx"


@cache
def converter() -> OnnxToTflite:
    """The converter with its environment, which takes a minute to install the first time."""
    install(ENVIRONMENT, KEPT, lambda _: None)
    return OnnxToTflite(KEPT)


def converted(spec: ModelSpec, precision: Precision = "fp32") -> Artifact:
    wanted = Wanted(TfliteBackend(), precision)
    return Workshop(Store(KEPT, offline=True), [converter()], no_progress).artifact(spec, wanted)
