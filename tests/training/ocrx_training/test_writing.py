"""Datasets of drawn pictures are read again as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ocrx.bench.data.check import check_dataset, samples_of
from ocrx.bench.data.load import load_dataset
from ocrx.errors import OutputError, UsageError
from ocrx.images.opening import open_document
from ocrx_training.synth.drawing import Draughtsman, Drawn
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.preview import WIDTH, contact_sheet, save_sheet
from ocrx_training.synth.recipe import recipe
from ocrx_training.synth.writing import FORMS, encoded, write_dataset

OPTIONS = SynthOptions(patterns={r'[A-Z]\\?"?,? \d{4}': 1}, kinds={"label": 1})


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    draughtsman = Draughtsman(OPTIONS)
    return [draughtsman.draw(number) for number in range(6)]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_read_again(form: str, drawn: list[Drawn], tmp_path: Path) -> None:
    folder = tmp_path / form
    assert write_dataset(folder, form, map(encoded, drawn), recipe(OPTIONS, 6)) == 6
    dataset = load_dataset(folder)
    assert dataset.kind == ("pages" if form == "icdar" else "lines")
    assert [sample.text for sample in dataset.samples] == [one.text for one in drawn]
    for sample, one in zip(dataset.samples, drawn, strict=True):
        with open_document(sample.source) as document:
            assert np.array_equal(document.image(0), one.picture)
        if sample.lines:
            polygon = np.array(sample.lines[0].polygon)
            assert np.abs(polygon - one.quad).max() <= 0.6
    assert list(check_dataset(samples_of(dataset), {})) == []


def test_the_recipe_says_what_draws_the_dataset_again(drawn: list[Drawn], tmp_path: Path) -> None:
    write_dataset(tmp_path, "labels", map(encoded, drawn), recipe(OPTIONS, 6))
    told = json.loads((tmp_path / "synth.json").read_text("utf-8"))
    assert told["patterns"] == OPTIONS.patterns
    assert (told["seed"], told["count"]) == (0, 6)
    assert told["fonts"]["Aileron"] == "CC0-1.0"


def test_nothing_is_overwritten(drawn: list[Drawn], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="is not empty"):
        write_dataset(tmp_path, "labels", map(encoded, drawn), {})


def test_an_unknown_form_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no form 'coco'"):
        write_dataset(tmp_path, "coco", [], {})


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        write_dataset(tmp_path / "file" / "data", "labels", [], {})


def test_a_contact_sheet_has_all_pictures(drawn: list[Drawn], tmp_path: Path) -> None:
    sheet = contact_sheet(drawn)
    assert sheet.shape[1] == WIDTH
    save_sheet(sheet, tmp_path / "sheet.png")
    with open_document(tmp_path / "sheet.png") as document:
        assert np.array_equal(document.image(0), sheet)
    with pytest.raises(OutputError, match=r"no picture format is called '\.xyz'"):
        save_sheet(sheet, tmp_path / "sheet.xyz")
