"""Compressors that learn, on a tiny network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from ocrx.artifacts import Artifact
from ocrx.conversion.calibration import calibration_on
from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compressed, Compression, Labelled
from ocrx.interfaces.networks import NetworkModel
from ocrx.weights.store import Store
from ocrx_codes.catalogue import charset_of, find
from ocrx_codes.recognition import CodesRecognition
from ocrx_codes.settings import CodesOptions
from ocrx_training.compressing.options import PruneOptions
from ocrx_training.compressing.prune import Prune
from support.prunable import save

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
        lambda folder, made: 80.0,
        lambda: 90.0,
        lambda reference: (model, artifact),
    )


def weights(path: Path) -> dict[str, Any]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}


def nothing(done: float, what: str) -> None:
    """Shows nothing."""


@pytest.mark.slow
def test_a_pruned_network_learns(asked: Compression, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    options = PruneOptions(ratio=0.5, multiple=1, **QUICK)
    made = Prune(options).compress(asked, folder, nothing)
    assert (made.main, made.format, made.precision) == ("model.onnx", "onnx", "fp32")
    assert "13 of 26 channels removed (ratio 0.5)" in made.notes[0]
    assert "learnt 3 batches of 2 from 9 lines: of the characters of 3 others" in made.notes[1]
    before, after = weights(asked.artifact.path), weights(folder / made.main)
    assert after["w3"].shape == (4, 4, 3, 3)
    assert onnx.load(folder / made.main).metadata_props[0].key == "character"
    assert before["head"].shape == (12, 13)


@pytest.mark.slow
def test_with_a_budget_fewer_channels_go(asked: Compression, tmp_path: Path) -> None:
    """The loss is 10 points with four channels of a layer, and as many more for each that stays."""

    def measure(folder: Path, made: Compressed) -> float:
        return float(70 + len(weights(folder / made.main)["w1"]))

    options = PruneOptions(ratio=0.8, multiple=1, steps=0, importance="l2")
    budgets: tuple[tuple[float, int], ...] = ((18.0, 2), (15.0, 5), (1.0, 7))
    for budget, left in budgets:
        one = replace(asked, budget=budget, measure=measure)
        made = Prune(options).compress(one, tmp_path, nothing)
        assert len(weights(tmp_path / made.main)["w1"]) == left


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
