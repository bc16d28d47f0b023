"""The contract of forms of datasets: ocrx's own keep it, and each rule catches who does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ocrx.bench.data.dataset import Sample
from ocrx.bench.data.form import NAMED, DatasetForm, Found, Loaded
from ocrx.bench.data.formats.icdar import IcdarPages, IcdarWords
from ocrx.bench.data.formats.labels import Labels
from ocrx.bench.data.formats.lmdb import Lmdb
from ocrx.bench.data.formats.paddle import Paddle
from ocrx.bench.data.load import load_dataset
from ocrx.errors import InputError, PluginError
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.testing import DatasetContract
from support.datasets import put_labels, put_lmdb, put_picture
from support.suite_runner import failures, rules_of


class TestLabels(DatasetContract):
    def make(self) -> DatasetForm:
        return Labels()

    def write(self, folder: Path) -> Path:
        return put_labels(folder / "set", {"a.png": "A", "b.png": "B"})

    def expected(self) -> list[str]:
        return ["A", "B"]


class TestPaddle(TestLabels):
    def make(self) -> DatasetForm:
        return Paddle()

    def write(self, folder: Path) -> Path:
        (folder / "rec.txt").write_text("a.png\tA\nb.png\tB\n", "utf-8")
        return folder


class TestIcdarWords(TestLabels):
    def make(self) -> DatasetForm:
        return IcdarWords()

    def write(self, folder: Path) -> Path:
        (folder / "gt.txt").write_text('a.png, "A"\nb.png, "B"\n', "utf-8")
        return folder / "gt.txt"


class TestIcdarPages(TestLabels):
    def make(self) -> DatasetForm:
        return IcdarPages()

    def write(self, folder: Path) -> Path:
        for name in "AB":
            put_picture(folder / f"img_{name}.png")
            (folder / f"gt_img_{name}.txt").write_text(f"0,0,9,0,9,9,0,9,{name}\n", "utf-8")
        return folder


class TestLmdb(TestLabels):
    def make(self) -> DatasetForm:
        return Lmdb()

    def write(self, folder: Path) -> Path:
        return put_lmdb(folder, [(b"1", "A"), (b"2", "B")])


class Cards(DatasetForm):
    """`cards.json`, an object of texts by picture. What a third party would add."""

    hint = "a folder with cards.json"

    def find(self, path: Path) -> Found | None:
        return Found((path / "cards.json",), NAMED) if (path / "cards.json").is_file() else None

    def place(self, path: Path) -> Path:
        return path / "cards.json"

    def load(self, path: Path) -> Loaded:
        texts: dict[str, str] = json.loads(path.read_text("utf-8"))
        samples = [Sample(name, path.parent / name, text) for name, text in texts.items()]
        return Loaded("lines", samples)


class CardsContract(TestLabels):
    def write(self, folder: Path) -> Path:
        (folder / "cards.json").write_text('{"a.png": "A", "b.png": "B"}', "utf-8")
        return folder


def again(self: Cards, path: Path) -> Loaded:
    samples = [Sample("a.png", path, text) for text in "AB"]
    return Loaded("lines", samples)


def unsendable(self: Cards, path: Path) -> Loaded:
    kind, samples = Cards.load(self, path)

    class Lazy(list[Sample]):
        pass

    return Loaded(kind, Lazy(samples))


MUTANTS: dict[str, dict[str, Any]] = {
    "test_it_finds_its_own": {"find": lambda self, path: None},
    "test_it_loads_what_the_user_names": {"load": again},
    "test_it_leaves_alone_what_is_not_its_own": {"find": lambda self, path: Found((path,))},
    "test_samples_can_be_read_again_and_pickled": {"load": unsendable},
    "test_it_says_what_to_give": {"hint": ""},
}


def test_a_sound_form_passes(tmp_path: Path) -> None:
    assert failures(CardsContract, Cards, tmp_path) == set()


@pytest.mark.parametrize("rule", MUTANTS)
def test_a_fault_is_caught(rule: str, tmp_path: Path) -> None:
    broken = type("Broken", (Cards,), MUTANTS[rule])
    assert rule in failures(CardsContract, broken, tmp_path)


def test_every_rule_has_its_mutant() -> None:
    assert set(rules_of(CardsContract)) == {*MUTANTS}


def built(make: Callable[[], object], request: Request) -> object:
    return make()


def registry(**forms: Callable[[], object]) -> Registry:
    registrar = Registrar("acme", "acme")
    for name, make in forms.items():
        registrar.add("dataset", name, partial(built, make))
    registrar.add("dataset", "labels", lambda request: Labels())
    return Registry([PluginRecord("acme", "acme", "1", registrar.added)])


def test_a_form_of_a_plugin_is_found_and_named(tmp_path: Path) -> None:
    CardsContract().write(tmp_path)
    for form in (None, "cards"):
        dataset = load_dataset(tmp_path, form=form, registry=registry(cards=Cards))
        assert [sample.text for sample in dataset.samples] == ["A", "B"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"a folder with cards\.json, a folder with labels\.tsv"):
        load_dataset(tmp_path / "empty", registry=registry(cards=Cards))


def test_two_forms_that_claim_the_same_are_told(tmp_path: Path) -> None:
    CardsContract().write(tmp_path)
    with pytest.raises(InputError, match=r"in the form cards or deck.*--form"):
        load_dataset(tmp_path, registry=registry(cards=Cards, deck=Cards))


class Failing(Cards):
    def find(self, path: Path) -> Found | None:
        raise RuntimeError("no such thing")


def test_a_plugin_that_fails_is_named_or_takes_itself_out(tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "A"})
    assert len(load_dataset(tmp_path, registry=registry(bad=dict)).samples) == 1
    with pytest.raises(PluginError, match="made a dict in place of dataset 'bad'"):
        load_dataset(tmp_path, form="bad", registry=registry(bad=dict))
    assert len(load_dataset(tmp_path, registry=registry(bad=Failing)).samples) == 1
    (tmp_path / "labels.tsv").unlink()
    with pytest.raises(PluginError, match="dataset 'bad' failed: RuntimeError: no such thing"):
        load_dataset(tmp_path, registry=registry(bad=Failing))
