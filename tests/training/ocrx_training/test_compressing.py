"""Compressors that learn, on a tiny network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from ocrx import Reader
from ocrx.artifacts import Artifact
from ocrx.compression.measuring import Bench
from ocrx.conversion.calibration import calibration_on
from ocrx.conversion.kept import hash_of
from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compressed, Compression, Labelled
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.networks import NetworkModel
from ocrx.weights.records import Figure, record_of
from ocrx.weights.store import Store
from ocrx_cli.app import main
from ocrx_codes.catalogue import charset_of, find
from ocrx_codes.recognition import CodesRecognition
from ocrx_codes.settings import CodesOptions
from ocrx_training.charset import Charset
from ocrx_training.compressing.distill import Distill
from ocrx_training.compressing.match import Match
from ocrx_training.compressing.matching import strayed, window
from ocrx_training.compressing.networks import ctc_model, in_torch, network_of
from ocrx_training.compressing.options import (
    DistillOptions,
    MatchOptions,
    PruneOptions,
    SparsifyOptions,
)
from ocrx_training.compressing.prune import Prune
from ocrx_training.compressing.rounding import Rounded, rounded
from ocrx_training.compressing.sparsify import Sparsify
from ocrx_training.compressing.teacher import aligned, in_charset
from ocrx_training.finetuning.network import OnnxNetwork
from ocrx_training.pruning.sparsity import Masked
from support.prunable import save

pytestmark = pytest.mark.slow

QUICK: dict[str, Any] = {"steps": 3, "batch": 2, "threads": 1}


def lines(texts: bool = True) -> list[Labelled]:
    """Twelve pictures of two characters."""
    found = []
    for number in range(12):
        picture = np.full((32, 48, 3), 230, np.uint8)
        text = f"{number % 4}{'AB'[number % 2]}"
        cv2.putText(picture, text, (2, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (number, 0, 0), 2)
        found.append((picture, text if texts else ""))
    return found


@pytest.fixture
def asked(tmp_path: Path) -> Compression:
    path = save(tmp_path / "own.onnx")
    spec = find("crnn", str(path))
    model = CodesRecognition(spec, charset_of(spec, Store()), CodesOptions())
    artifact = Artifact(path, "onnx", spec)
    return Compression(
        model,
        artifact,
        (model, artifact),
        calibration_on(model, [picture for picture, _ in lines()], ""),
        lines,
        lambda: [picture for picture, _ in lines()],
        lambda folder, made: 80.0,
        lambda: 90.0,
        lambda reference: (model, artifact),
    )


def weights(path: Path) -> dict[str, Any]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}


def nothing(done: float, what: str) -> None:
    """Shows nothing."""


def test_a_pruned_network_learns(asked: Compression, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    options = PruneOptions(ratio=0.5, scope="layer", multiple=1, **QUICK)
    made = Prune(options).compress(asked, folder, nothing)
    assert (made.main, made.format, made.precision) == ("model.onnx", "onnx", "fp32")
    assert "13 of 26 channels removed (ratio 0.5)" in made.notes[0]
    assert "learnt 3 batches of 2 from 9 lines: of the characters of 3 others" in made.notes[1]
    before, after = weights(asked.artifact.path), weights(folder / made.main)
    assert after["w3"].shape == (4, 4, 3, 3)
    assert onnx.load(folder / made.main).metadata_props[0].key == "character"
    assert before["head"].shape == (12, 13)


def test_channels_go_in_rounds(asked: Compression, tmp_path: Path) -> None:
    options = PruneOptions(
        ratio=0.75, scope="layer", multiple=1, rounds=2, steps=0, importance="l2"
    )
    made = Prune(options).compress(asked, tmp_path, nothing)
    assert [note.split(" (")[1] for note in made.notes[::2]] == ["ratio 0.5)", "ratio 0.5)"]
    assert weights(tmp_path / made.main)["w3"].shape == (2, 2, 3, 3)


def test_with_a_budget_fewer_channels_go(asked: Compression, tmp_path: Path) -> None:
    """The loss is 10 points with four channels of a layer, and as many more for each that stays."""

    def measure(folder: Path, made: Compressed) -> float:
        return float(70 + len(weights(folder / made.main)["w1"]))

    options = PruneOptions(ratio=0.8, scope="layer", multiple=1, steps=0, importance="l2")
    budgets: tuple[tuple[float, int], ...] = ((18.0, 2), (15.0, 5), (1.0, 7))
    for budget, left in budgets:
        one = replace(asked, budget=budget, measure=measure)
        made = Prune(options).compress(one, tmp_path, nothing)
        assert len(weights(tmp_path / made.main)["w1"]) == left


def zeros(path: Path, name: str) -> float:
    weight = weights(path)[name]
    return float((weight == 0).mean())


def test_zeros_stay_zero(asked: Compression, tmp_path: Path) -> None:
    options = SparsifyOptions(sparsity=0.8, rounds=2, **QUICK)
    made = Sparsify(options).compress(asked, tmp_path, nothing)
    after = weights(tmp_path / made.main)
    for name in ("w1", "w3", "w", "r", "head"):
        assert zeros(tmp_path / made.main, name) == pytest.approx(0.8, abs=0.08)
    assert after["b4"][0] != 0
    assert "learnt 2 batches" in made.notes[1]


def test_masked_weights_do_not_learn(asked: Compression) -> None:
    network = in_torch(network_of(asked), ctc_model(asked.model), Masked)
    before = network.by_name()["head"].numpy().copy()
    mask = np.arange(before.size).reshape(before.shape) % 2 == 0
    network.mask({"head": mask})
    network(torch.ones(1, 3, 32, 48))[..., 0].sum().backward()
    with torch.no_grad():
        for weight in network.weights:
            if weight.grad is not None:
                weight.sub_(weight.grad)
    after = network.by_name()["head"].numpy()
    assert not after[~mask].any()
    assert not np.array_equal(after[mask], before[mask])


def test_of_every_four_two_stay(asked: Compression, tmp_path: Path) -> None:
    made = Sparsify(SparsifyOptions(pattern="2:4", steps=0)).compress(asked, tmp_path, nothing)
    for name, axis in (("w3", 1), ("w", 2), ("head", 0)):
        weight = np.moveaxis(weights(tmp_path / made.main)[name], axis, -1)
        assert ((weight.reshape(-1, 4) != 0).sum(1) <= 2).all()
    assert zeros(tmp_path / made.main, "head") == 0.5
    assert np.array_equal(weights(tmp_path / made.main)["w1"], weights(asked.artifact.path)["w1"])


def test_with_a_budget_the_last_round_that_keeps_it_stays(
    asked: Compression, tmp_path: Path
) -> None:
    def measure(folder: Path, made: Compressed) -> float:
        return 90.0 - 10 * zeros(folder / made.main, "head")

    options = SparsifyOptions(sparsity=0.96, rounds=4, steps=0)
    for budget, share in ((20.0, 0.96), (9.0, 0.84), (1.0, 0.555)):
        one = replace(asked, budget=budget, measure=measure)
        made = Sparsify(options).compress(one, tmp_path, nothing)
        assert zeros(tmp_path / made.main, "head") == pytest.approx(share, abs=0.01)


def test_a_new_network_learns_from_the_model(asked: Compression, tmp_path: Path) -> None:
    def found(reference: str) -> tuple[NetworkModel[Any], Artifact]:
        name, _, path = reference.partition(":")
        assert name == "crnn"
        spec = find(name, path)
        model = CodesRecognition(spec, charset_of(spec, Store()), CodesOptions())
        return model, Artifact(Path(path), "onnx", spec)

    one = replace(asked, find=found)
    made = Distill(DistillOptions(architecture="crnn", **QUICK)).compress(one, tmp_path, nothing)
    assert made.component == "crnn"
    assert "learnt 3 batches of 2 from 9 lines" in made.notes[1]
    spec = find("crnn", str(tmp_path / made.main))
    assert charset_of(spec, Store()) == asked.original[0].charset


def test_what_was_pruned_learns_from_the_original(asked: Compression, tmp_path: Path) -> None:
    small, out = tmp_path / "small", tmp_path / "out"
    small.mkdir()
    out.mkdir()
    options = PruneOptions(ratio=0.5, scope="layer", multiple=1, steps=0, importance="l2")
    pruned = Prune(options).compress(asked, small, nothing)
    one = replace(asked, artifact=Artifact(small / pruned.main, "onnx", asked.artifact.spec))
    made = Distill(DistillOptions(**QUICK)).compress(one, out, nothing)
    before, after = weights(small / pruned.main), weights(out / made.main)
    assert after["w3"].shape == before["w3"].shape == (4, 4, 3, 3)
    assert made.component == ""


def pruned(asked: Compression, folder: Path) -> Compression:
    """What is asked of the next method, after a quarter of the channels was left."""
    folder.mkdir()
    options = PruneOptions(ratio=0.75, scope="layer", multiple=1, steps=0, importance="l2")
    made = Prune(options).compress(asked, folder, nothing)
    return replace(asked, artifact=Artifact(folder / made.main, "onnx", asked.artifact.spec))


def test_a_pruned_network_learns_to_compute_what_the_original_does(
    asked: Compression, tmp_path: Path
) -> None:
    one, out = pruned(asked, tmp_path / "small"), tmp_path / "out"
    out.mkdir()
    options = MatchOptions(steps=40, batch=4, learning_rate=0.02, threads=1)
    made = Match(options).compress(one, out, nothing)
    told = re.fullmatch(
        "learnt 40 batches of 4 from 10 pictures: inside, it was off by (.*)% before, "
        "by (.*)% after",
        made.notes[0],
    )
    assert told
    assert float(told[2]) < float(told[1]) / 2
    assert weights(out / made.main)["w3"].shape == (2, 2, 3, 3)


def test_what_learning_made_worse_stays_as_it_was(asked: Compression, tmp_path: Path) -> None:
    one, out = pruned(asked, tmp_path / "small"), tmp_path / "out"
    out.mkdir()
    options = MatchOptions(steps=2, batch=4, learning_rate=100, threads=1)
    made = Match(options).compress(one, out, nothing)
    assert made.notes[0].endswith("after, so it stays as it was before")
    before, after = weights(one.artifact.path), weights(out / made.main)
    assert all(np.array_equal(before[name], after[name]) for name in after)


def test_what_is_found_by_learning_needs_steps(asked: Compression, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"taylor is found by learning.*importance=obs"):
        Prune(PruneOptions(steps=0)).compress(asked, tmp_path, nothing)


def test_what_was_not_pruned_has_nothing_to_match(asked: Compression, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to learn from itself"):
        Match(MatchOptions()).compress(asked, tmp_path, nothing)


def test_another_network_has_nothing_to_match(asked: Compression, tmp_path: Path) -> None:
    network = onnx.load(asked.artifact.path)
    next(one for one in network.graph.node if one.op_type == "HardSigmoid").op_type = "Sigmoid"
    onnx.save(network, tmp_path / "other.onnx")
    one = replace(asked, artifact=Artifact(tmp_path / "other.onnx", "onnx", asked.artifact.spec))
    with pytest.raises(UsageError, match="does not compute as"):
        Match(MatchOptions()).compress(one, tmp_path, nothing)


@pytest.mark.parametrize("end", ["Softmax", "Sigmoid", ""])
def test_how_far_what_comes_out_strays(end: str) -> None:
    wanted = torch.tensor([[[2.0, -1.0, 0.0], [0.0, 3.0, -2.0]]])
    near, far = wanted + torch.tensor([0.1, 0, -0.1]), -wanted
    assert float(strayed(wanted, wanted, end)) == pytest.approx(0, abs=1e-6)
    assert 0 < float(strayed(near, wanted, end)) < float(strayed(far, wanted, end))


def test_a_detector_learns_from_parts_of_pages() -> None:
    random = np.random.default_rng(0)
    page = np.arange(700 * 900, dtype=np.float32).reshape(1, 1, 700, 900)
    tops = {int(window(page, random)[0, 0, 0, 0]) // 900 for _ in range(20)}
    assert window(page, random).shape == (1, 1, 640, 640)
    assert len(tops) > 5
    assert window(page[:, :, :32, :64], random).shape == (1, 1, 32, 64)


def test_methods_chain_and_the_result_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = Figure("onnxruntime", "fp32", 1.0, 1.0, (90.0, 85.0, 95.0))
    monkeypatch.setattr(Bench, "figures", lambda *_: ([[figure], [figure]], {}))
    monkeypatch.setenv("OCRX_PROFILE", "off")
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    rows = []
    for number, (picture, text) in enumerate(lines() * 3):
        cv2.imwrite(str(data / f"{number}.png"), picture)
        rows.append(f"{number}.png\t{text}\n")
    (data / "labels.tsv").write_text("".join(rows))
    source = save(tmp_path / "own.onnx")
    first = tmp_path / "first"
    given = (
        "prune.steps=0",
        "prune.importance=l2",
        "prune.multiple=1",
        "match.steps=2",
        "distill.steps=2",
    )
    settings = [part for one in given for part in ("--set", f"compressor.{one}")]
    given_to_all = ["--data", str(data), "-b", "onnxruntime"]
    chain = ["-m", "prune,match,distill", "-o", str(first), *settings]
    assert main(["compress", f"crnn:{source}", *chain, *given_to_all]) == 0
    assert main(["compress", f"{first}/", "-m", "quantize", "-o", str(out), *given_to_all]) == 0
    found = record_of(out)
    assert found is not None
    record, _ = found
    assert (record.component, record.methods) == ("crnn", "prune, match, distill, quantize")
    assert record.source_sha256 == record.steps[0].sha256 == hash_of(source)
    assert record.steps[3].sha256 == hash_of(first / "model.onnx")
    with Reader(recognizer=str(out), backend="onnxruntime", layout="line") as reader:
        assert reader.read(lines()[0][0]).used[-1].precision == "int8"


def test_a_network_learns_with_rounded_numbers(asked: Compression, tmp_path: Path) -> None:
    network = in_torch(network_of(asked), ctc_model(asked.model), partial(Rounded, levels=3))
    plain = in_torch(network_of(asked), ctc_model(asked.model), OnnxNetwork)
    picture = torch.rand(1, 3, 32, 48)
    assert not torch.allclose(network(picture), plain(picture), atol=0.05)
    network(picture).square().sum().backward()
    learnt = dict(zip(network.names, network.weights, strict=True))
    assert all(learnt[name].grad is not None for name in ("w1", "w3", "head"))
    made = Distill(DistillOptions(rounding="int8", **QUICK)).compress(asked, tmp_path, nothing)
    assert "learnt 3 batches" in made.notes[0]
    assert weights(tmp_path / made.main)["w3"].shape == (8, 8, 3, 3)


def test_rounded_numbers_and_their_gradient() -> None:
    values = torch.tensor([[-3.0, 1.4, 0.2], [0.3, 0.1, 0.04]], requires_grad=True)
    found = rounded(values, 0, 3)
    assert found.tolist() == [pytest.approx([-3, 1, 0]), pytest.approx([0.3, 0.1, 0])]
    assert rounded(values, None, 3).tolist()[1] == pytest.approx([0, 0, 0])
    (found * 2).sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [[2.0] * 3] * 2


def test_a_model_cannot_be_its_own_student(asked: Compression, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be its own student"):
        Distill(DistillOptions()).compress(asked, tmp_path, nothing)


def test_posteriors_at_other_steps_and_of_other_characters() -> None:
    values = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]], np.float32)
    told = Emissions(values, "ab", [0.75])
    assert aligned(told, 4, [0.75]) is values
    assert aligned(told, 8, [0.75])[0, ::2] == pytest.approx(values[0])
    half = aligned(told, 4, [0.375])  # the picture fills the first half
    assert half[0, 0] == pytest.approx([0.5, 0.5, 0])
    assert half[0, 2:] == pytest.approx(np.array([[1, 0, 0]] * 2))
    assert half.sum(2) == pytest.approx(1)
    found = in_charset(told, Charset("BX"))
    assert found.values[0] == pytest.approx(np.array([[1, 0, 0], [0, 0, 0], [0, 1, 0], [1, 0, 0]]))


def test_a_network_without_a_form_in_pytorch_cannot_learn(
    asked: Compression, tmp_path: Path
) -> None:
    network = onnx.load(asked.artifact.path)
    next(node for node in network.graph.node if node.op_type == "HardSigmoid").domain = "example"
    network.opset_import.add(domain="example", version=1)
    onnx.save(network, tmp_path / "odd.onnx")
    one = replace(asked, artifact=Artifact(tmp_path / "odd.onnx", "onnx", asked.artifact.spec))
    with pytest.raises(UsageError, match=r"no form that PyTorch can train: .*example\.HardSigmoid"):
        Prune(PruneOptions(**QUICK)).compress(one, tmp_path, nothing)
    assert not (tmp_path / "model.onnx").exists()


class Plain:
    """A model that is no CTC network."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda one: replace(one, lines=list), "0 lines have a text"),
        (lambda one: replace(one, lines=lambda: lines(texts=False)), "0 lines have a text"),
        (
            lambda one: replace(one, model=cast("NetworkModel[Any]", Plain(one.model.spec))),
            "is no CTC network",
        ),
    ],
)
def test_what_cannot_learn(
    asked: Compression, tmp_path: Path, change: Callable[[Compression], Compression], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        Prune(PruneOptions(**QUICK)).compress(change(asked), tmp_path, nothing)
    assert not (tmp_path / "model.onnx").exists()
