from __future__ import annotations

import importlib.util
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from ocrx.artifacts import Artifact, Source
from ocrx.conversion.routes import wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.errors import ConversionFailed
from ocrx.interfaces.conversion import Calibration, Conversion, Converter
from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registry import load_plugins
from ocrx.weights.store import Store
from ocrx_onnx import converters, quantize
from ocrx_onnx.converters import HalfConverter, IntegerConverter, QuantizingConverter
from ocrx_onnx.graph import SHORT_STEM, STEM, constants, prepared
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_openvino.backend import OpenVinoBackend
from support.deepnetwork import CALIBRATION, LAYERS, deep, pictures
from support.onnx_files import Shape, save

ALL: list[Converter] = [HalfConverter(), QuantizingConverter(), IntegerConverter()]


def conversion(
    artifact: Artifact, calibration: Calibration | None = CALIBRATION, device: str = "auto"
) -> Conversion:
    return Conversion(artifact.spec, artifact, "int8", device, calibration)


def test_the_plugin_offers_them() -> None:
    names = load_plugins().names("converter")
    assert {one.name for one in ALL} <= set(names)


@pytest.mark.parametrize(
    ("backend", "precision", "how", "most"),
    [
        (OnnxRuntimeBackend(), "fp16", "onnx-fp16", 0.01),
        (OnnxRuntimeBackend(), "int8", "onnx-u8", 0.12),
        (OpenVinoBackend(), "int8", "onnx-u8", 0.12),
    ],
)
def test_a_runtime_gets_what_it_was_asked_for(
    tmp_path: Path, backend: Backend, precision: Precision, how: str, most: float
) -> None:
    published = deep(tmp_path)
    spec = replace(published.spec, artifacts={"onnx": Source("deep.onnx", path=published.path)})
    used: list[str] = []

    class Noting(Workshop):
        def _converted(self, converter: Converter, conversion: Conversion) -> Path:
            used.append(converter.name)
            return super()._converted(converter, conversion)

    workshop = Noting(Store(tmp_path / "cache", offline=True), ALL, no_progress)
    options = SessionOptions(precision=precision)
    feeds = {"x": pictures(seed=9, batch=3, width=40)}
    with OnnxRuntimeBackend().open(published, SessionOptions()) as reference:
        right = reference.run(feeds)["y"]
    artifact = workshop.artifact(spec, wanted_by(backend, spec, precision), lambda: CALIBRATION)
    with backend.open(artifact, options) as session:
        assert session.precision == precision
        found = session.run(feeds)["y"]
    assert used == [how]
    assert found.dtype == np.float32
    assert 0 < np.abs(found - right).sum() / np.abs(right).sum() < most


@pytest.mark.parametrize("converter", [QuantizingConverter(), IntegerConverter()])
def test_int8_needs_to_know_what_the_network_is_fed(tmp_path: Path, converter: Converter) -> None:
    with pytest.raises(ConversionFailed, match="nothing says how deep encodes its input"):
        converter.convert(conversion(deep(tmp_path), None), tmp_path, no_progress)


def test_files_differ_with_all_they_depend_on(tmp_path: Path) -> None:
    """Else the cache would serve one for another."""
    artifact = deep(tmp_path)
    other = Calibration("other pictures", CALIBRATION.batches)
    for converter in (QuantizingConverter(), IntegerConverter()):
        prints = [
            converter.fingerprint(conversion(artifact, calibration))
            for calibration in (CALIBRATION, other, None)
        ]
        assert len({repr(one) for one in prints}) == 3
    on_gpu, on_cpu = (
        IntegerConverter().fingerprint(conversion(artifact, device=device))
        for device in ("cuda:0", "cpu")
    )
    assert on_gpu != on_cpu
    for one in ALL:
        assert "onnxruntime" in one.fingerprint(conversion(artifact))["versions"]


def test_processors_alone_get_unsigned_numbers(tmp_path: Path) -> None:
    """TensorRT, which ONNX Runtime has on GPUs, takes none."""
    kinds = {}
    for device in ("auto", "cpu", "cuda:0", "tensorrt:0"):
        folder = tmp_path / device.replace(":", "-")
        folder.mkdir()
        asked = conversion(deep(tmp_path), device=device)
        name = IntegerConverter().convert(asked, folder, no_progress)
        graph = onnx.load(folder / name).graph
        zeros = {node.input[2] for node in graph.node if node.op_type == "QuantizeLinear"}
        kinds[device] = {
            numpy_helper.to_array(one).dtype.name for one in graph.initializer if one.name in zeros
        }
    assert kinds == {
        "auto": {"uint8"},
        "cpu": {"uint8"},
        "cuda:0": {"int8"},
        "tensorrt:0": {"int8"},
    }


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    out = tmp_path / "out"
    out.mkdir()
    QuantizingConverter().convert(
        conversion(deep(tmp_path)), out, lambda fraction, what: told.append((fraction, what))
    )
    assert [what for _, what in told] == [
        "reading",
        "drawing pictures",
        "finding scales",
        "comparing",
    ]
    assert sorted(told) == told


@pytest.mark.parametrize(("layers", "expected"), [(2, SHORT_STEM), (LAYERS, STEM)])
def test_the_stem_stays_in_fp32(tmp_path: Path, layers: int, expected: int) -> None:
    model = prepared(deep(tmp_path, layers).path, "deep")
    held = constants(quantize.quantized(model, "deep", CALIBRATION, no_progress))
    kept = {f"w{index}" for index in range(layers)} & set(held)
    assert kept == {f"w{index}" for index in range(expected)}


def test_a_network_that_int8_ruins_is_refused(tmp_path: Path) -> None:
    """The large half of the input sets the step, and only the small half counts."""
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    given: Shape = ["n", 8]
    wanted: Shape = ["n", 4]
    weights = np.concatenate([np.zeros((4, 4)), np.eye(4)]).astype(np.float32)
    artifact = save(
        tmp_path / "uneven.onnx",
        [node],
        {"x": ("float32", given)},
        {"y": ("float32", wanted)},
        [numpy_helper.from_array(weights, "w")],
    )
    random = np.random.default_rng(0)
    sizes = np.repeat([1e4, 1], 4)
    fed = [{"x": (random.normal(0, 1, (16, 8)) * sizes).astype(np.float32)} for _ in range(3)]
    with pytest.raises(ConversionFailed, match=r"uneven does not survive int8.* 100%"):
        quantize.quantized(
            prepared(artifact.path, "uneven"),
            "uneven",
            Calibration("uneven", lambda: iter(fed)),
            no_progress,
        )


def test_a_network_with_nothing_to_round_is_refused(tmp_path: Path) -> None:
    ends: Shape = ["n"]
    node = helper.make_node("Relu", ["x"], ["y"])
    artifact = save(
        tmp_path / "relu.onnx", [node], {"x": ("float32", ends)}, {"y": ("float32", ends)}
    )
    with pytest.raises(ConversionFailed, match="nothing that int8 would speed up"):
        QuantizingConverter().convert(conversion(artifact), tmp_path, no_progress)


def test_pictures_of_another_shape_are_told_of(tmp_path: Path) -> None:
    wrong = Calibration("wrong", lambda: iter([{"x": pictures()[:, :3]}]))
    with pytest.raises(ConversionFailed, match="deep cannot be run to find scales"):
        QuantizingConverter().convert(conversion(deep(tmp_path), wrong), tmp_path, no_progress)


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        (["onnx"], "pip install onnx"),
        (["onnxruntime"], 'pip install "ocrx[quantize]"'),
        (["onnx", "onnxruntime"], 'pip install "ocrx[quantize]"'),
    ],
)
def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, missing: list[str], remedy: str
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        converters, "find_spec", lambda name: None if name in missing else real(name)
    )
    found = ALL[0].probe()
    assert (found.present, found.remedy) == (False, remedy)
    assert all(name in found.detail for name in missing)


def test_the_package_for_gpus_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "onnxruntime":
            raise PackageNotFoundError(name)
        return "1.2.3"

    monkeypatch.setattr(converters, "version", version)
    found = ALL[0].probe()
    assert found.present
    assert found.version == "onnx 1.2.3, onnxruntime 1.2.3"
