"""`ocrx train --from`: from a recogniser and a user's pictures to a recogniser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocrx import Reader
from ocrx.errors import InputError, OutputError, UsageError
from ocrx.weights.onnx_metadata import onnx_metadata
from ocrx_cli.app import main
from ocrx_training.charset import CODES, Charset
from ocrx_training.finetuning.examples import DrawnExamples
from ocrx_training.finetuning.settings import FineTuning, read_fine_tuning
from ocrx_training.finetuning.work import Data, fine_tune
from ocrx_training.learning.checkpoints import LAST, Checkpoint, load, save
from support.tiny_recognizer import write_tiny

QUICK = """
batch = 4
learning_rate = 0.01
trained = 1.0
validate_every = 8
threads = 1
[options]
min_width = 64
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "tiny.onnx")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twenty pictures of two characters."""
    folder, rows = tmp_path / "data", ""
    folder.mkdir()
    for number in range(20):
        picture = np.full((32, 60, 3), 230, np.uint8)
        text = f"{number % 4}{'AB'[number % 2]}"
        cv2.putText(picture, text, (6, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (number, 0, 0), 2)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
        rows += f"{number}.png\t{text}\n"
    (folder / "labels.tsv").write_text(rows)
    return folder


def quick(tiny: Path, **changes: Any) -> FineTuning:
    base = FineTuning(
        recognizer=f"paddle:{tiny}", options={"min_width": 64}, charset="data", threads=1,
        steps=6, batch=4, validate_every=3, save_every=1,
    )  # fmt: skip
    return replace(base, **changes)


def silent(text: str) -> None:
    """Says nothing."""


@pytest.mark.slow
def test_the_result_is_usable_at_once_and_can_be_trained_on(
    tiny: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "quick.toml"
    config.write_text(QUICK)
    folder = tmp_path / "run"
    asked = [str(folder), "--from", f"paddle:{tiny}", "--data", str(data), "--charset", "data"]
    assert main(["train", *asked, "--config", str(config), "--steps", "16"]) == 0
    told = capsys.readouterr()
    assert "14 pictures to learn from, 2 to choose by, 4 held out to report on" in told.err
    assert "characters" in told.err
    assert "->" in told.err
    path = folder / "model.onnx"
    assert f"ocrx read -r {path}" in told.out
    assert onnx_metadata(path) == {
        "character": "0\n1\n2\n3\nA\nB",
        "recognizer": "paddle",
        "height": "48",
    }
    options = {"recognizer": {"min_width": 64}}
    with Reader(recognizer=str(path), layout="line", options=options) as reader:
        pages = list(reader.read_many(sorted(data.glob("*.png"))))
    assert len(pages) == 20
    assert {char for page in pages for line in page.lines for char in line.text} <= set("0123AB")
    again = fine_tune(tmp_path, replace(quick(path), charset="", steps=1), Data(data), silent)
    assert onnx_metadata(again) == onnx_metadata(path)


@pytest.mark.slow
def test_training_goes_on_and_refuses_another_network(
    tiny: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    def full(path: Path, checkpoint: Checkpoint) -> None:
        if checkpoint.step == 4:
            raise OutputError("the disk is full", "Make room.")
        save(path, checkpoint)

    monkeypatch.setattr("ocrx_training.finetuning.tuner.save", full)
    with pytest.raises(OutputError, match="the disk is full"):
        fine_tune(folder, quick(tiny), Data(data), silent)
    monkeypatch.undo()
    assert load(folder / LAST).step == 3
    told: list[str] = []
    fine_tune(folder, quick(tiny), Data(data), told.append)
    assert "goes on from step 3" in told
    for other in (quick(tiny, charset=""), quick(tiny, trained=0.5)):
        with pytest.raises(InputError, match="holds a network with"):
            fine_tune(folder, other, Data(data), silent)


@pytest.mark.slow
def test_what_cannot_be_trained_is_refused(tiny: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not know the characters é"):
        fine_tune(tmp_path, quick(tiny, charset="0123ABé"), Data(data), silent)
    with pytest.raises(InputError, match="characters outside the charset: 'B'"):
        fine_tune(tmp_path, quick(tiny, charset="0123A"), Data(data), silent)
    with pytest.raises(UsageError, match="there is nothing to learn from"):
        fine_tune(tmp_path, quick(tiny, charset="0123A"), None, silent)
    with pytest.raises(UsageError, match="has no network that CTC can train"):
        fine_tune(tmp_path, quick(tiny, recognizer="tesseract", options={}), Data(data), silent)


def test_a_config_is_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'charset = "codes"\nhalf = true\n[options]\nmin_width = 96\n'
        '[[synth]]\nshare = 2\nkinds = ["plate"]\n[validation]\nseed = 5\n'
    )
    found = read_fine_tuning(file)
    assert (found.charset, found.half, found.options) == ("codes", True, {"min_width": 96})
    assert [(one.share, dict(one.options.kinds)) for one in found.synth] == [(2.0, {"plate": 1.0})]
    for text, what in (
        ("step = 1", "unknown setting 'step'"),
        ("steps = 'many'", "steps cannot be 'many'"),
        ("steps = 0", "steps cannot be 0"),
        ("trained = 1.5", r"trained cannot be 1\.5"),
        ("synth = 3", "synth is no list of tables"),
        ("half = 1", "half cannot be 1"),
        ("[[synth]]\nshare = 0", "share cannot be 0"),
        ("[[synth]]\nseed = 1_000_003", "validation would draw the pictures"),
    ):
        file.write_text(text)
        with pytest.raises(UsageError, match=what):
            read_fine_tuning(file)


def test_the_recipe_for_codes_can_be_used() -> None:
    recipe = (
        Path(__file__).parents[3] / "training" / "ocrx_training" / "recipes" / "paddle-codes.toml"
    )
    found = read_fine_tuning(recipe)
    assert found.recognizer == "paddle"
    assert set(CODES) <= set(found.charset)
    usual = [one for one in found.synth if not one.options.fonts]  # Chinese ones are not here
    assert len(usual) == 3
    DrawnExamples(usual, Charset(found.charset), 0)
