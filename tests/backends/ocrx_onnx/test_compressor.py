"""Quantising under a budget, with a network whose losses the test decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import pytest

from ocrx.interfaces.compression import Compressed, Compression
from ocrx.interfaces.networks import NetworkModel
from ocrx.weights.store import Store
from ocrx_codes.catalogue import models
from ocrx_onnx.calibrators import LEVELS, calibrator
from ocrx_onnx.compressor import Quantize, dynamic
from ocrx_onnx.graph import prepared, run
from ocrx_onnx.options import Calibrators, QuantizeOptions
from ocrx_onnx.sensitivity import divergence
from support.deepnetwork import CALIBRATION, batches, deep


class Named:
    def __init__(self, spec: object) -> None:
        self.spec = spec


def in_int8(folder: Path) -> int:
    """How many convolutions and products take rounded weights."""
    model = onnx.load(folder / "model.onnx")
    return sum(
        node.op_type in ("Conv", "MatMul") and node.input[1].endswith(".rounded")
        for node in model.graph.node
    )


def compressed(
    source: Path,
    folder: Path,
    options: QuantizeOptions,
    budget: float | None = None,
    loss: Callable[[int], float] = lambda count: 0.0,
) -> Compressed:
    """`loss` is that of a network with so many operations in int8."""
    artifact = deep(source)
    model = cast("NetworkModel[Any]", Named(artifact.spec))
    asked = Compression(
        model,
        artifact,
        (model, artifact),
        CALIBRATION,
        list,
        list,
        lambda where, made: 90 - loss(in_int8(where)),
        lambda: 90.0,
        lambda reference: (model, artifact),
        budget,
    )
    folder.mkdir()
    return Quantize(options).compress(asked, folder, lambda done, what: None)


@pytest.mark.parametrize("name", ["mse", "minmax", "percentile", "entropy"])
def test_static_by_each_calibrator(tmp_path: Path, name: Calibrators) -> None:
    folder = tmp_path / "out"
    made = compressed(tmp_path, folder, QuantizeOptions(calibrator=name))
    assert (made.format, made.precision) == ("onnx-u8", "int8")
    before = list(run(onnx.load(tmp_path / "deep.onnx"), batches()))
    after = list(run(onnx.load(folder / made.main), batches()))
    assert 0 < divergence(before[0], after[0]) < 0.05
    assert in_int8(folder) == 5


def test_the_fewest_blocks_stay_in_fp32(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    made = compressed(tmp_path, folder, QuantizeOptions(blocks=5), 1.0, lambda count: count * 0.4)
    assert in_int8(folder) == 2  # three would lose 1.2
    assert sum("in fp32" in note for note in made.notes) == 3


def test_a_budget_that_is_never_kept_leaves_the_best(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    compressed(tmp_path, folder, QuantizeOptions(blocks=5), 1.0, lambda count: 5 + count)
    assert in_int8(folder) == 1


def test_the_most_sensitive_block_comes_first(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    made = compressed(tmp_path, folder, QuantizeOptions(blocks=5), 1.0, lambda count: 5 + count)
    damages = [float(note.split("divergence ")[1][:-1]) for note in made.notes if "fp32" in note]
    assert damages == sorted(damages, reverse=True)


def test_weights_of_seven_bits(tmp_path: Path) -> None:
    compressed(tmp_path, tmp_path / "out", QuantizeOptions(reduce_range=True))
    model = onnx.load(tmp_path / "out" / "model.onnx")
    held = [onnx.numpy_helper.to_array(one) for one in model.graph.initializer]
    assert (
        max(int(np.abs(one).max()) for one in held if one.dtype == np.int8 and one.ndim > 1) == 63
    )


def test_for_gpus_activations_are_signed(tmp_path: Path) -> None:
    made = compressed(tmp_path, tmp_path / "out", QuantizeOptions(target="gpu"))
    assert (made.format, made.precision) == ("onnx", "int8")


@pytest.mark.parametrize(("mode", "precision"), [("dynamic", "int8"), ("fp16", "fp16")])
def test_other_modes_compute_nearly_the_same(tmp_path: Path, mode: Any, precision: str) -> None:
    made = compressed(tmp_path, tmp_path / "out", QuantizeOptions(mode=mode))
    assert made.precision == precision
    before = next(run(onnx.load(tmp_path / "deep.onnx"), batches()))
    after = next(run(onnx.load(tmp_path / "out" / made.main), batches()))
    assert 0 < divergence(before, after) < 0.02


def test_the_percentile_clips_what_is_above() -> None:
    values = np.arange(1001, dtype=np.float32)
    assert calibrator("percentile", 90)(values, 1000) == pytest.approx(900 / LEVELS)
    assert calibrator("minmax", 90)(values, 1000) == pytest.approx(1000 / LEVELS)
    assert calibrator("entropy", 90)(np.zeros(9, np.float32), 0.0) > 0


@pytest.mark.parametrize("values", [{"percentile": 20}, {"blocks": 1}])
def test_options_out_of_range(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be between"):
        QuantizeOptions(**values)


def test_weights_of_lstms_are_rounded_where_that_is_asked_for() -> None:
    (source,) = models("crnn")["codes"].artifacts.values()
    model = prepared(Store(offline=True).path(source), "crnn")
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, 64)).astype(np.float32)
    feeds = [{"pictures": picture}]
    (right,) = run(model, feeds)
    made = dynamic(model, "crnn", QuantizeOptions(lstm="int8").recurrent)
    (found,) = run(made, feeds)
    assert {node.op_type for node in made.graph.node} >= {"DynamicQuantizeLSTM", "Conv"}
    assert made.ByteSize() < 0.75 * model.ByteSize()
    assert any(one.key == "character" for one in made.metadata_props)
    for name, values in right.items():
        assert 0 < np.abs(found[name] - values).max() < 0.1
    assert QuantizeOptions().recurrent == ()
