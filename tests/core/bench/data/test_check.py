"""What is wrong with a dataset: each fault, and nothing where nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocrx.bench.data.check import FAULTS, MEANING, Fault, Problem, check_dataset, samples_of
from ocrx.bench.data.load import load_dataset
from support.datasets import Box, put_labels, put_lmdb, put_pages, put_picture
from support.samples import animation, encode, gradient

PLACE: Box = (10, 10, 50, 20)


def check(path: Path, **charsets: str) -> list[Problem]:
    known = {name: frozenset(chars) for name, chars in charsets.items()}
    return list(check_dataset(samples_of(load_dataset(path)), known))


def only(path: Path, fault: Fault, sample: str, **charsets: str) -> str:
    """The detail of the one problem there is."""
    (problem,) = check(path, **charsets)
    assert (problem.fault, problem.sample) == (fault, sample)
    return problem.detail


def test_nothing_is_wrong(tmp_path: Path) -> None:
    put_labels(tmp_path / "lines", {"a.png": "A 1", "b.png": "B"})
    assert check(tmp_path / "lines", all="AB1 ") == []
    lines: list[tuple[Box, str]] = [(PLACE, "NET"), ((150, 90, 80, 20), "5"), ((0, 0, 9, 9), "###")]
    put_pages(tmp_path / "pages", {"a.png": ("5 NET", lines), "b.png": ("", [])})
    assert check(tmp_path / "pages", all="NET5") == []


def test_every_fault_is_explained() -> None:
    assert set(FAULTS) == set(MEANING)


def test_a_missing_picture(tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "A", "b.png": "B"})
    (tmp_path / "b.png").unlink()
    assert "b.png does not exist" in only(tmp_path, "missing", "b.png")


def test_missing_icdar_pictures(tmp_path: Path) -> None:
    put_picture(tmp_path / "img_1.png")
    for number in (1, 2):
        (tmp_path / f"gt_img_{number}.txt").write_text("1,1,20,1,20,9,1,9,A\n", "utf-8")
    assert "img_2 does not exist" in only(tmp_path, "missing", "img_2")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"hello", "is text, not a picture"),
        (encode(gradient())[:60], "damaged"),
        (animation("GIF"), "has 4 pages"),
    ],
)
def test_an_unreadable_picture(tmp_path: Path, data: bytes, said: str) -> None:
    put_labels(tmp_path, {"a.png": "A", "b.png": "B"})
    (tmp_path / "a.png").write_bytes(data)
    assert said in only(tmp_path, "unreadable", "a.png")


def test_an_unreadable_sample_of_an_lmdb_leaves_the_others(tmp_path: Path) -> None:
    pictures = [(encode(gradient(width)), f"{width}") for width in (10, 11, 12)]
    put_lmdb(tmp_path, pictures, label_000000002=None)
    assert "has no label-000000002" in only(tmp_path, "unreadable", "sample 2")


def test_empty_truth(tmp_path: Path) -> None:
    put_labels(tmp_path / "lines", {"a.png": "A", "b.png": ""})
    only(tmp_path / "lines", "empty", "b.png")
    put_pages(tmp_path / "pages", {"a.png": ("A", [(PLACE, "A"), (PLACE, "")])})
    only(tmp_path / "pages", "empty", "a.png")


@pytest.mark.parametrize(
    "box", [(10, 10, 0, 20), (10, 10, 20, 0), (300, 10, 20, 20), (10, -30, 20, 30)]
)
def test_places_where_nothing_can_stand(tmp_path: Path, box: Box) -> None:
    put_pages(tmp_path, {"a.png": ("A B", [(PLACE, "A"), (box, "B")])})
    assert only(tmp_path, "place", "a.png").startswith("of 'B'")


def test_a_text_that_is_not_that_of_its_lines(tmp_path: Path) -> None:
    put_pages(tmp_path, {"a.png": ("A C C", [(PLACE, "A"), (PLACE, "C"), (PLACE, "B")])})
    assert only(tmp_path, "text", "a.png") == "different: C, B"


def test_characters_that_recognisers_do_not_know(tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "AB", "b.png": "皖A皖"})
    assert check(tmp_path, one="AB", two="A皖B", three="A皖") == [
        Problem("charset", "a.png", "three: U+0042 LATIN CAPITAL LETTER B"),
        Problem("charset", "b.png", "one: U+7696 CJK UNIFIED IDEOGRAPH-7696"),
    ]


def test_what_is_not_scored_need_not_be_known(tmp_path: Path) -> None:
    put_pages(tmp_path, {"a.png": ("A", [(PLACE, "A"), (PLACE, "###")])})
    assert check(tmp_path, one="A") == []


def test_pictures_that_are_there_twice(tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "A", "b.png": "A", "c.png": "C"})
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    (tmp_path / "c.png").write_bytes(encode(gradient(40, 20), "BMP"))
    assert check(tmp_path) == [
        Problem("duplicate", "b.png", "as a.png"),
        Problem("contradiction", "c.png", "'C' here, 'A' for a.png"),
    ]


def test_pages_with_the_same_text_elsewhere_contradict_each_other(tmp_path: Path) -> None:
    put_pages(
        tmp_path,
        {"a.png": ("A", [(PLACE, "A")]), "b.png": ("A", [((20, 10, 50, 20), "A")])},
    )
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    only(tmp_path, "contradiction", "b.png")


def test_white_space_and_look_alikes_in_lines_of_pages(tmp_path: Path) -> None:
    put_labels(tmp_path / "lines", {"a.png": "A  B", "b.png": "Ａ"})
    assert [problem.fault for problem in check(tmp_path / "lines")] == ["white space", "look-alike"]
    put_pages(tmp_path / "pages", {"a.png": ("A B Ｃ", [(PLACE, "A  B"), (PLACE, "Ｃ ")])})
    assert check(tmp_path / "pages") == [
        Problem("white space", "a.png", "several white spaces in a row, white space at an end"),
        Problem("look-alike", "a.png", "U+FF23 FULLWIDTH LATIN CAPITAL LETTER C for C"),
    ]


def test_a_paddle_file_is_checked_as_well(tmp_path: Path) -> None:
    put_picture(tmp_path / "a.png")
    label = [{"transcription": "А1x", "points": [[1, 1], [30, 1], [30, 9]]}]
    (tmp_path / "Label.txt").write_text(f"a.png\t{json.dumps(label)}\n", "utf-8")
    assert "CYRILLIC" in only(tmp_path, "look-alike", "a.png")
