"""Differences, confusions and the worst pictures."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import hypothesis
import PIL.Image
from hypothesis import strategies as st

from ocrx.bench.data.dataset import Answer, Dataset, Sample
from ocrx.bench.figures.measures import MEASURES
from ocrx.bench.figures.quality import Folding, measure_quality
from ocrx.bench.figures.result import Cell, CellResult, Confusion, Miss
from ocrx.bench.show.html.difference import LONG, Piece, pieces
from ocrx.bench.show.html.misses import PICTURES, SIDES, cards, confusions, representatives
from support.fakeresults import CONFUSIONS, WORST, ok, quality, result
from support.samples import gradient

CHARACTERS = MEASURES["characters"]


def test_what_is_missing_and_what_is_extra() -> None:
    assert pieces("L0T 1", "LOT") == [
        Piece("same", "L"),
        Piece("missing", "0"),
        Piece("extra", "O"),
        Piece("same", "T"),
        Piece("missing", " 1"),
    ]
    assert pieces("same", "same") == [Piece("same", "same")]
    assert pieces("", "") == []


@hypothesis.given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_make_both_texts(truth: str, read: str) -> None:
    found = pieces(truth, read)
    if max(len(truth), len(read)) > LONG:
        return
    assert "".join(p.text for p in found if p.kind != "extra") == truth
    assert "".join(p.text for p in found if p.kind != "missing") == read


def test_long_texts_keep_what_differs_and_what_is_around_it() -> None:
    truth = "a" * 200 + "X" + "b" * 200
    found = pieces(truth, truth.replace("X", "Y"))
    assert [p.kind for p in found] == ["gap", "same", "missing", "extra", "same", "gap"]
    assert found[1].text == "a" * 14
    assert sum(len(p.text) for p in found) < 40


def cell(name: str, characters: float, backend: str, worst: tuple[Miss, ...] = WORST) -> CellResult:
    found = ok(Cell(name, backend=backend), 10, characters)
    assert found.figures
    scored = quality(characters, worst=worst, confusions=CONFUSIONS)
    return replace(found, figures=replace(found.figures, quality=scored))


def test_of_each_model_the_most_accurate_cell_speaks() -> None:
    wrong = replace(cell("a", 99.5, "z"), state="mismatch")
    run = result(cell("a", 95, "x"), cell("a", 97, "y"), wrong, cell("b", 80, "x"))
    run = replace(run, cells=(*run.cells, CellResult(Cell("c"), "failed")))
    found = representatives(run, CHARACTERS)
    assert {name: c.cell.backend for name, c in found.items()} == {"a": "y", "b": "x"}


def test_confusions_are_added_up_and_can_be_seen() -> None:
    run = result(cell("a", 95, "x"), cell("b", 95, "x"))
    table = confusions(representatives(run, CHARACTERS))
    assert table.models == ("a", "b")
    assert table.rows[0] == ("0", "O", 28, (14, 14))
    assert ("space", "nothing", 8, (4, 4)) in table.rows
    found = ok(Cell("a"))
    assert found.figures
    scored = quality(95, confusions=(Confusion("x", "y", 1),))
    only = replace(found, figures=replace(found.figures, quality=scored))
    assert confusions({"a": only}).rows == (("x", "y", 1, (1,)),)


def test_what_one_model_seldom_confuses_is_counted_beside_what_another_often_does() -> None:
    texts = [chr(0x4E00 + i) for i in range(100)]
    samples = [Sample(text, b"", text) for text in texts]
    read = {"good": [*texts[:-1], "x"], "bad": ["x"] * 100}
    chosen = {}
    for name, answers in read.items():
        found = ok(Cell(name))
        assert found.figures
        scored = measure_quality(samples, [Answer(text) for text in answers], Folding())
        chosen[name] = replace(found, figures=replace(found.figures, quality=scored))
    assert confusions(chosen).rows[0] == (texts[-1], "x", 2, (1, 1))


def dataset(*names: str) -> Dataset:
    samples = [Sample(name, gradient(1200, 300), "truth") for name in names]
    return Dataset("d", Path("d"), "lines", samples)


def test_the_worst_come_first_with_a_small_picture() -> None:
    found = cards({"a": cell("a", 95, "x")}, dataset("crops/090.png"))
    assert [card.sample for card in found][:2] == ["crops/090.png", "crops/003.png"]
    picture = found[0].picture
    kind, _, data = picture.uri.partition(",")
    assert kind == "data:image/jpeg;base64"
    with PIL.Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (picture.width, picture.height)
        assert image.width <= SIDES[0]
        assert image.height <= SIDES[1]
    assert found[1].picture.problem == "Not shown: it is no longer in the dataset."


def test_a_small_picture_is_shown_larger() -> None:
    for height, shown in ((28, 56), (10, 30), (100, 100)):
        small = Sample(WORST[2].sample, gradient(60, height), "truth")
        found = cards({"a": cell("a", 95, "x")}, Dataset("d", Path("d"), "lines", [small]))
        assert found[0].picture.height == shown
        assert found[0].picture.width == 60 * shown // height


def test_pictures_that_are_gone_are_said_to_be() -> None:
    gone = Dataset("d", Path("d"), "lines", [Sample(WORST[2].sample, "no/such.png", "truth")])
    (first, *_) = cards({"a": cell("a", 95, "x")}, gone)
    assert first.picture.problem.startswith("Not shown: ")
    assert "no/such.png" in first.picture.problem
    (first, *_) = cards({"a": cell("a", 95, "x")}, None)
    assert first.picture.problem == "Not shown: the dataset was not given."


def test_those_who_read_the_same_share_a_line() -> None:
    other = (replace(WORST[0], read="another"),)
    chosen = {"a": cell("a", 95, "x"), "b": cell("b", 95, "x"), "c": cell("c", 95, "x", other)}
    card = next(card for card in cards(chosen, None) if card.sample == WORST[0].sample)
    assert [(r.name, r.read) for r in card.readings] == [("a, b", WORST[0].read), ("c", "another")]


def test_there_are_not_too_many() -> None:
    worst = tuple(Miss(f"{i}.png", "t", "r", float(i)) for i in range(50))
    assert len(cards({"a": cell("a", 95, "x", worst)}, None)) == PICTURES
