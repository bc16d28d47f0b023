"""Recognisers of codes: which file they read, the network's input and output, and reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from ocrx import Reader
from ocrx.errors import UnknownName, UnknownOption, WeightsError
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Backend
from ocrx.plugins.options import make_options
from ocrx.system.checksum import sha256_of
from ocrx.testing import NetworkModelContract
from ocrx.types import Batch, Image
from ocrx.weights.records import Record, Step, write_record
from ocrx.weights.store import Store
from ocrx_codes.catalogue import charset_of, find, models
from ocrx_codes.recognition import CodesRecognition
from ocrx_codes.settings import CodesOptions
from ocrx_openvino.backend import OpenVinoBackend

STORE = Store(offline=True)
LEVELS = {"A": 255, "B": 0, " ": 128}


def write(path: Path, **metadata: str) -> Path:
    """A network that reads bright columns as A, dark ones as B, and nothing in grey ones."""
    weights = np.array([0, 20, -20], np.float32).reshape(3, 1, 1, 1)
    bias = np.array([5, 0, 0], np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["pictures"], ["grey"], axes=[1]),
        helper.make_node("AveragePool", ["grey"], ["level"], kernel_shape=[32, 4], strides=[32, 4]),
        helper.make_node("Conv", ["level", "weights", "bias"], ["scores"]),
        helper.make_node("Squeeze", ["scores", "two"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["steps"], perm=[0, 2, 1]),
        helper.make_node("Softmax", ["steps"], ["probabilities"], axis=2),
    ]
    single = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "levels",
        [helper.make_tensor_value_info("pictures", single, ["N", 3, 32, "W"])],
        [helper.make_tensor_value_info("probabilities", single, ["N", "T", 3])],
        [
            onnx.numpy_helper.from_array(weights, "weights"),
            onnx.numpy_helper.from_array(bias, "bias"),
            onnx.numpy_helper.from_array(np.array([2]), "two"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, metadata)
    onnx.save(model, str(path))
    return path


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("codes") / "own.onnx", character="A\nB", recognizer="crnn")


def model(path: Path) -> CodesRecognition:
    spec = find("crnn", str(path))
    return CodesRecognition(spec, charset_of(spec, STORE), CodesOptions())


def bands(text: str) -> Image:
    """A picture with a band of its level for each character."""
    row = np.repeat([LEVELS[char] for char in text], 32).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (40, len(row), 3)))


class TestCodes(NetworkModelContract):
    @pytest.fixture(autouse=True)
    def use(self, own: Path) -> None:
        self.path = own

    def make(self) -> NetworkModel[Any]:
        return model(self.path)

    def backend(self) -> Backend:
        return OpenVinoBackend()

    def expected(self) -> list[tuple[Image, str]]:
        return [(bands("A B A"), "ABA"), (bands("B B"), "BB")]


@given(height=st.integers(1, 3000), width=st.integers(1, 9000))
def test_any_picture_gets_a_width_that_the_network_takes(
    own: Path, height: int, width: int
) -> None:
    rows, columns = model(own).shape(height, width)
    assert rows == 32
    assert columns % 32 == 0
    assert min(32 * width / height, 2048) - 1 <= columns <= 2048


def test_a_picture_fills_its_part_of_the_input(own: Path) -> None:
    white, black = np.full((64, 100, 3), 255, np.uint8), np.zeros((8, 64, 3), np.uint8)
    batch = model(own).encode([white, black], (32, 256))
    (tensor,) = batch.feeds.values()
    assert tensor.shape == (2, 3, 32, 256)
    assert batch.context == [50 / 256, 1.0]
    assert (tensor[0, :, :, :50] == 1).all()
    assert (tensor[0, :, :, 50:] == 0).all()
    assert (tensor[1] == -1).all()


def test_a_network_of_other_classes_than_its_file_lists_is_refused(tmp_path: Path) -> None:
    other = model(write(tmp_path / "other.onnx", character="A\nB\nC"))
    with pytest.raises(WeightsError, match="tells 2 characters apart, but its file lists 3"):
        other.emissions({"probabilities": np.zeros((1, 8, 3), np.float32)}, Batch({}, [1.0]))


def test_a_file_without_charset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="carries no charset"):
        model(write(tmp_path / "mute.onnx"))


@pytest.mark.parametrize("variant", ["cods", "net.pth"])
def test_what_is_not_there_is_an_error(variant: str) -> None:
    with pytest.raises(UnknownName, match=f"detr has no variant '{variant}'"):
        find("detr", variant)


def test_a_compressed_model_is_like_the_one_that_it_was_made_from(
    own: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    file = write(folder / "model.onnx", character="A\nB")
    record = Record(
        kind="recognizer",
        component="crnn",
        variant=str(own),
        task="recognition",
        model=own.stem,
        file=file.name,
        format="onnx-u8",
        precision="int8",
        sha256=sha256_of(file),
        source_sha256="",
        steps=(Step("quantize"),),
    )
    write_record(record, folder)
    spec = find("crnn", str(folder))
    assert (spec.precision, tuple(spec.artifacts)) == ("int8", ("onnx-u8",))
    assert spec.shapes == find("crnn", str(own)).shapes
    assert charset_of(spec, STORE) == ("A", "B")


def test_a_batch_holds_a_picture_at_least() -> None:
    with pytest.raises(UnknownOption, match="batch must be at least 1"):
        make_options(CodesOptions, {"batch": 0}, "crnn")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["openvino", "onnxruntime", "torch"])
def test_a_network_of_one_s_own_reads_on_every_runtime(backend: str, own: Path) -> None:
    with Reader(
        recognizer=f"crnn:{own}", layout="line", backend=backend, precision="fp32", offline=True
    ) as reader:
        pages = [reader.read(bands(text)) for text in ("A B", "B", " ")]
    assert [page.text for page in pages] == ["AB", "B", ""]
    assert {used.backend for page in pages for used in page.used} == {backend}


def code(text: str) -> Image:
    """A plain code, as a good label printer prints it."""
    picture = np.full((48, 26 * len(text) + 24, 3), 245, np.uint8)
    cv2.putText(picture, text, (12, 38), cv2.FONT_HERSHEY_DUPLEX, 1.1, (20, 20, 20), 2, cv2.LINE_AA)
    return picture


@pytest.mark.slow
@pytest.mark.parametrize("recognizer", ["crnn", "detr"])
def test_what_is_shipped_is_whole_and_reads_a_plain_code(recognizer: str) -> None:
    for variant, spec in models(recognizer).items():
        (source,) = spec.artifacts.values()
        assert STORE.path(source).stat().st_size == source.size
        with Reader(recognizer=f"{recognizer}:{variant}", layout="line", offline=True) as reader:
            assert reader.read(code("A1234")).text == "A1234"
