"""A recogniser of two kinds of stripes, a small ONNX file that PP-OCR's family opens."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ocrx.types import Image

HEIGHT, STEP = 48, 16
CHARACTERS = "AB"


def tiny_lines(path: Path, version: int = 13, activation: str = "Relu") -> Path:
    """Dark columns read as A, grey ones as B, and white ones as blank: x [N, 3, 48, W] to
    probabilities [N, W / 16, 4]. The last class is the space."""
    kernel = np.full((4, 3, HEIGHT, STEP), 1 / (3 * HEIGHT * STEP), np.float32)
    kernel *= np.array([40, -40, 0, 0], np.float32)[:, None, None, None]
    bias = np.array([10, -30, 0, -90], np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "kernel", "bias"], ["c"], strides=[HEIGHT, STEP]),
        helper.make_node("Squeeze", ["c", "two"], ["s"]),
        helper.make_node("Transpose", ["s"], ["t"], perm=[0, 2, 1]),
        helper.make_node(activation, ["t"], ["a"]),
        helper.make_node("Sub", ["t", "a"], ["zero"]),
        helper.make_node("Add", ["zero", "a"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["y"], axis=2),
    ]
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, HEIGHT, "W"]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "T", 4]),
    ]
    constants = {"kernel": kernel, "bias": bias, "two": np.array([2])}
    graph = helper.make_graph(
        nodes, "tiny", ends[:1], ends[1:],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    opset = [helper.make_opsetid("", version)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    entry = model.metadata_props.add()
    entry.key, entry.value = "character", "\n".join(CHARACTERS)
    onnx.save(model, path)
    return path


def stripes(text: str) -> Image:
    """A picture that reads as that text: RGB uint8 (48, W, 3)."""
    columns = [255]
    for char in text:
        columns += [{"A": 0, "B": 64}[char], 255]
    row = np.repeat(np.array(columns, np.uint8), STEP)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (HEIGHT, len(row), 3)))


def save_stripes(folder: Path, texts: list[str]) -> Path:
    """A dataset of such pictures, with labels.tsv."""
    folder.mkdir()
    for number, text in enumerate(texts):
        cv2.imwrite(str(folder / f"{number}.png"), stripes(text))
    rows = (f"{number}.png\t{text}\n" for number, text in enumerate(texts))
    (folder / "labels.tsv").write_text("".join(rows), "utf-8")
    return folder
