"""Engines built for real, by TensorRT for RTX, which needs no GPU for it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.conversion.kept import cached
from ocrx.conversion.workshop import no_progress
from ocrx.errors import BackendError, ConversionFailed, DeviceMissing
from ocrx.interfaces.conversion import Conversion
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import DIFFERENCE, LINE
from ocrx.weights.store import Store
from ocrx_tensorrt.backend import TensorRtBackend
from ocrx_tensorrt.converter import TensorRtConverter
from ocrx_tensorrt.options import TensorRtConverterOptions
from ocrx_tensorrt.passport import read_passport
from support.crnn import crnn

ARCHITECTURES = ("sm75", "sm80", "sm86", "sm89", "sm120")
RTX = TensorRtConverterOptions(library="tensorrt_rtx")
KINDS: tuple[Kind, ...] = ("detector", "recognizer", "orienter")


def converter(folder: Path) -> TensorRtConverter:
    return TensorRtConverter(RTX, folder / "cache")


def build(
    artifact: Artifact, folder: Path, device: str, precision: Precision = "fp32"
) -> tuple[Path, list[float]]:
    """The engine, and the fractions that were reported."""
    told: list[float] = []
    folder.mkdir(exist_ok=True)
    conversion = Conversion(artifact.spec, artifact, precision, device)
    name = converter(folder).convert(
        conversion, folder, lambda fraction, what: told.append(fraction)
    )
    return folder / name, told


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_networks_of_pp_ocr_become_engines(
    kind: Kind, precision: Precision, tmp_path: Path
) -> None:
    registry, store = load_plugins(), Store(tmp_path, offline=True)
    options = {"converter.tensorrt": {"library": "tensorrt_rtx"}}
    assembly = Assembly(registry, store, options)
    spec = next(iter(registry.get(kind, "paddle").models().values()))
    session = SessionOptions("sm89", precision)
    engine = assembly.artifact(
        spec, assembly.backend("tensorrt"), session, lambda: assembly.calibration(kind, "paddle")
    )
    assert engine.format == "tensorrt"
    assert engine.spec.precision == precision
    weights = store.path(spec.artifacts["onnx"]).stat().st_size
    least = {"fp32": 1, "fp16": 0.5, "int8": 0.25}[precision]
    assert engine.path.stat().st_size > weights * least
    passport = read_passport(engine.path)
    assert passport is not None
    assert (passport.library, passport.architecture) == ("tensorrt_rtx", "sm89")
    assert passport.precision == precision
    makers = [entry.identity["converter"] for entry in cached(store)]
    assert sorted(makers) == ["onnx-int8"] * (precision == "int8") + ["tensorrt"]


@pytest.mark.parametrize("device", ARCHITECTURES)
def test_a_crnn_becomes_an_engine_for_every_architecture(device: str, tmp_path: Path) -> None:
    # In fp32, TensorRT for RTX has no matrix products for the oldest, and says so.
    precision: Precision = "fp16" if device == "sm75" else "fp32"
    engine, told = build(crnn(tmp_path), tmp_path / "made", device, precision)
    assert engine.stat().st_size > 10_000
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert len(told) > 10


def test_what_an_architecture_lacks_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConversionFailed, match=r"crnn in fp32 .*SM75.* not supported"):
        build(crnn(tmp_path), tmp_path / "made", "sm75")


def test_fp16_halves_the_weights(tmp_path: Path) -> None:
    sizes = [len(_in_precision(tmp_path / precision, precision)) for precision in ("fp32", "fp16")]
    assert sizes[1] < 0.7 * sizes[0]


def _in_precision(folder: Path, precision: Precision) -> bytes:
    """One large matrix product."""
    folder.mkdir()
    weights = np.random.default_rng(0).normal(size=(512, 1024)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 512])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1024])],
        [numpy_helper.from_array(weights, "w")],
    )
    path = folder / "product.onnx"
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=7), path)
    spec = replace(
        DIFFERENCE.spec(), name="product", shapes={"x": (LINE.shapes["picture"][0], 512)}
    )
    return build(Artifact(path, "onnx", spec), folder / "made", "sm89", precision)[0].read_bytes()


def quantized(folder: Path, kind: int, zero: int) -> Artifact:
    """y = relu(conv(dq(q(x)), dq(w))) with int8 weights, and activations of the given kind."""
    weights = np.random.default_rng(0).integers(-127, 128, (4, 1, 3, 3)).astype(np.int8)
    nodes = [
        helper.make_node("QuantizeLinear", ["picture", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["x"]),
        helper.make_node("DequantizeLinear", ["w", "s", "zw"], ["kernels"]),
        helper.make_node("Conv", ["x", "kernels"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    constants = [
        helper.make_tensor("s", TensorProto.FLOAT, [], [0.01]),
        helper.make_tensor("z", kind, [], [zero]),
        helper.make_tensor("zw", TensorProto.INT8, [], [0]),
        numpy_helper.from_array(weights, "w"),
    ]
    ends = [
        helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 1, 8, "w"]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4, 8, "w"]),
    ]
    graph = helper.make_graph(nodes, "quantized", ends[:1], ends[1:], constants)
    path = folder / "quantized.onnx"
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=7), path)
    return Artifact(path, "onnx", replace(LINE.spec(), name="quantized", precision="int8"))


def test_symmetric_int8_becomes_an_engine(tmp_path: Path) -> None:
    artifact = quantized(tmp_path, TensorProto.INT8, 0)
    assert build(artifact, tmp_path / "made", "sm89", "int8")[0].stat().st_size > 1000


def test_asymmetric_int8_is_refused_with_what_would_do(tmp_path: Path) -> None:
    artifact = quantized(tmp_path, TensorProto.UINT8, 128)
    with pytest.raises(ConversionFailed) as caught:
        build(artifact, tmp_path / "made", "sm89", "int8")
    assert "quantized in int8" in caught.value.message
    assert "symmetric" in caught.value.remedy
    assert "QuantizeBias=False" in caught.value.remedy


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_file_that_is_no_network_is_named(precision: Precision, tmp_path: Path) -> None:
    path = tmp_path / "rubbish.onnx"
    path.write_bytes(b"not a model at all" * 9)
    with pytest.raises(ConversionFailed, match=r"rubbish\.onnx"):
        build(Artifact(path, "onnx", LINE.spec()), tmp_path / "made", "sm89", precision)


def test_a_network_without_ranges_is_refused(tmp_path: Path) -> None:
    whole = LINE.artifact(("onnx",))
    bare = ModelSpec("bare", "recognition", whole.spec.artifacts)
    with pytest.raises(ConversionFailed, match=r"bare has an input 'picture' of shape \(-1, 1, 8"):
        build(Artifact(whole.path, "onnx", bare), tmp_path / "made", "sm89")


def test_what_is_reported_can_stop_a_build(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def report(fraction: float, what: str) -> None:
        if fraction > 0.3:
            raise Stopped

    artifact = crnn(tmp_path)
    conversion = Conversion(artifact.spec, artifact, "fp32", "sm89")
    with pytest.raises(Stopped):
        converter(tmp_path).convert(conversion, tmp_path, report)


def test_a_library_that_measures_nothing_keeps_no_timings(tmp_path: Path) -> None:
    build(crnn(tmp_path), tmp_path / "made", "sm89")
    assert not (tmp_path / "made" / "cache").exists()


def test_without_a_gpu_the_architecture_must_be_said(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from ocrx.errors import OcrxError
from ocrx.interfaces import Conversion
from ocrx.testing import LINE
from ocrx_tensorrt.options import TensorRtConverterOptions
from ocrx_tensorrt.converter import TensorRtConverter

converter = TensorRtConverter(TensorRtConverterOptions("tensorrt_rtx"), Path(sys.argv[1]))
assert converter.probe().present
try:
    converter.fingerprint(Conversion(LINE.spec(), LINE.artifact(("onnx",)), "fp32"))
except OcrxError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("DeviceMissing there is no GPU to build for: ")
    assert "use one of the devices sm75, sm80, sm86, sm89, sm120" in done.stdout


def test_an_architecture_is_no_device_to_run_on(tmp_path: Path) -> None:
    engine, _ = build(crnn(tmp_path), tmp_path / "made", "sm89")
    artifact = Artifact(engine, "tensorrt", crnn(tmp_path).spec)
    with pytest.raises((BackendError, DeviceMissing)) as caught:
        TensorRtBackend().open(artifact, SessionOptions(device="sm89"))
    assert isinstance(caught.value, DeviceMissing)
    assert caught.value.remedy


def test_the_key_holds_all_that_an_engine_depends_on(tmp_path: Path) -> None:
    first = Conversion(LINE.spec(), LINE.artifact(("onnx",)), "fp32", "sm89")
    key = converter(tmp_path).fingerprint(first)
    assert key["runtime"].startswith("tensorrt_rtx 1.")
    assert key["architecture"] == "sm89"
    assert key["shapes"] == "picture: 1..2..8 1 8 8..32..256"
    others = [
        converter(tmp_path).fingerprint(replace(first, device="sm120")),
        converter(tmp_path).fingerprint(replace(first, spec=DIFFERENCE.spec())),
        TensorRtConverter(replace(RTX, optimization_level=0), tmp_path).fingerprint(first),
        TensorRtConverter(replace(RTX, tf32=True), tmp_path).fingerprint(first),
        TensorRtConverter(replace(RTX, workspace=64), tmp_path).fingerprint(first),
    ]
    assert all(other != key for other in others)
    assert converter(tmp_path).fingerprint(first) == key


def test_the_options_reach_the_builder(tmp_path: Path) -> None:
    options = replace(RTX, optimization_level=0, workspace=64, tf32=True)
    artifact = crnn(tmp_path)
    conversion = Conversion(artifact.spec, artifact, "fp32", "sm89")
    made = TensorRtConverter(options, tmp_path / "cache").convert(conversion, tmp_path, no_progress)
    assert (tmp_path / made).stat().st_size > 10_000
