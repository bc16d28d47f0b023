"""On a real card, with the real library: `pytest -m gpu tests/backends/ocrx_tensorrt`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrx.artifacts import Artifact
from ocrx.conversion.workshop import no_progress
from ocrx.interfaces.conversion import Conversion
from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import BackendContract, SessionContract, Toy
from ocrx.weights.store import Store
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_tensorrt.backend import TensorRtBackend
from ocrx_tensorrt.converter import TensorRtConverter
from ocrx_tensorrt.options import TensorRtConverterOptions

pytestmark = pytest.mark.gpu


class OnCard:
    def make(self) -> Backend:
        return TensorRtBackend()

    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        made = folder / toy.name
        made.mkdir(exist_ok=True)
        converter = TensorRtConverter(TensorRtConverterOptions(), folder / "cache")
        name = converter.convert(
            Conversion(toy.spec(), toy.artifact(("onnx",)), "fp32"), made, no_progress
        )
        return Artifact(made / name, "tensorrt", toy.spec())


class TestBackend(OnCard, BackendContract):
    pass


class TestSession(OnCard, SessionContract):
    pass


@pytest.mark.parametrize(("precision", "close"), [("fp32", 1e-3), ("fp16", 5e-2)])
@pytest.mark.parametrize(
    ("kind", "shapes"),
    [
        ("detector", [(1, 3, 736, 960), (1, 3, 320, 640)]),
        ("recognizer", [(1, 3, 48, 320), (6, 3, 48, 320), (2, 3, 48, 640)]),
        ("orienter", [(1, 3, 48, 192), (6, 3, 48, 192)]),
    ],
)
def test_the_networks_of_pp_ocr_compute_what_onnx_runtime_does(
    kind: Kind,
    shapes: list[tuple[int, ...]],
    precision: Precision,
    close: float,
    tmp_path: Path,
) -> None:
    registry, store = load_plugins(), Store(tmp_path, offline=True)
    assembly = Assembly(registry, store)
    spec = next(iter(registry.get(kind, "paddle").models().values()))
    onnx = Artifact(store.path(spec.artifacts["onnx"]), "onnx", spec)
    backend, options = assembly.backend("tensorrt"), SessionOptions(precision=precision)
    engine = assembly.artifact(spec, backend, options)
    with (
        OnnxRuntimeBackend().open(onnx, SessionOptions()) as reference,
        backend.open(engine, options) as session,
    ):
        assert session.device == "cuda:0"
        assert session.precision == precision
        for seed, shape in enumerate(shapes * 2):
            pictures = np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)
            (right,) = reference.run({"x": pictures}).values()
            (found,) = session.run({"x": pictures}).values()
            assert abs(right - found).max() < close
