"""A user's pictures: what is refused, and parts that share none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrx.errors import InputError, UsageError
from ocrx_training.charset import Charset
from ocrx_training.finetuning.dataset import (
    check_labels,
    divide,
    divide_with,
    labelled_examples,
    learnt_text,
    read_labelled,
)


def write_labels(folder: Path, labels: dict[str, str], *, same: str = "") -> Path:
    """Pictures of noise with those texts; those named in `same` all hold one picture."""
    folder.mkdir()
    for number, name in enumerate(labels):
        random = np.random.default_rng(0 if name in same.split() else number + 1)
        cv2.imwrite(str(folder / name), random.integers(0, 255, (12, 40, 3), np.uint8))
    rows = "".join(f"{name}\t{text}\n" for name, text in labels.items())
    (folder / "labels.tsv").write_text(rows)
    return folder


def many(count: int) -> dict[str, str]:
    return {f"{number}.png": f"A{number}" for number in range(count)}


def silent(text: str) -> None:
    """Says nothing."""


def test_a_picture_that_is_there_twice_is_learnt_from_once(tmp_path: Path) -> None:
    folder = write_labels(
        tmp_path / "d", {"a.png": "A", "b.png": "A", "c.png": "C"}, same="a.png b.png"
    )
    told: list[str] = []
    assert [one.sample.text for one in read_labelled(folder, told.append)] == ["A", "C"]
    assert told == ["left out: 1 pictures that are there twice"]


def test_a_picture_with_two_texts_is_refused(tmp_path: Path) -> None:
    folder = write_labels(tmp_path / "d", {"a.png": "A", "b.png": "B"}, same="a.png b.png")
    with pytest.raises(InputError, match=r"a\.png and b\.png are the same picture"):
        read_labelled(folder, silent)


def test_a_dataset_without_readable_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("missing.png\tA\n")
    told: list[str] = []
    with pytest.raises(InputError, match="no picture that can be read"):
        read_labelled(tmp_path, told.append)
    assert "missing.png" in told[0]


def test_lines_of_pages_are_cut_out(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.png"), np.zeros((60, 90, 3), np.uint8))
    lines = '[{"poly": [[10, 20], [70, 20], [70, 40], [10, 40]], "text": "AB"}]'
    rows = "".join(f"{name}.png\tAB\t{lines}\n" for name in ("p", "gone"))
    (tmp_path / "labels.tsv").write_text(rows)
    told: list[str] = []
    (found,) = read_labelled(tmp_path, told.append)
    assert "gone.png" in told[0]
    assert found.sample.text == "AB"
    assert found.picture().shape == (20, 60, 3)


def test_parts_share_no_picture_and_stay_the_same(tmp_path: Path) -> None:
    labelled = read_labelled(write_labels(tmp_path / "d", many(20)), silent)
    divided = divide(labelled, 0.25, 7)
    parts = divided.learnt, divided.judged, divided.reported
    assert [len(part) for part in parts] == [13, 2, 5]
    assert len({one.key for part in parts for one in part}) == 20
    assert divide(labelled[::-1], 0.25, 7) == divided
    assert divide(labelled, 0.25, 8) != divided


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    labelled = read_labelled(write_labels(tmp_path / "d", many(4)), silent)
    with pytest.raises(InputError, match="4 different pictures are too few"):
        divide(labelled, 0.2, 0)


def test_a_test_that_shares_a_picture_is_refused(tmp_path: Path) -> None:
    labelled = read_labelled(write_labels(tmp_path / "d", many(8)), silent)
    with pytest.raises(InputError, match=r"1\.png of the test is also learnt from"):
        divide_with(labelled, labelled[1:2], 0)


@pytest.mark.parametrize(
    ("text", "characters", "learnt"),
    [("ab 12", "AB12", "AB12"), ("aB  1", "aB1 ", "aB 1"), ("a b", "ab", "ab")],
)
def test_labels_are_folded_to_what_the_charset_has(text: str, characters: str, learnt: str) -> None:
    assert learnt_text(text, Charset(characters)) == learnt


def test_labels_outside_the_charset_are_named(tmp_path: Path) -> None:
    labelled = read_labelled(write_labels(tmp_path / "d", {"a.png": "A#", "b.png": "é"}), silent)
    with pytest.raises(InputError, match=r"2 labels .*'#' 'é' .*the first is 'A#', of a\.png"):
        check_labels(labelled, Charset("ABb "))


def test_labels_from_right_to_left_are_refused(tmp_path: Path) -> None:
    labelled = read_labelled(write_labels(tmp_path / "d", {"a.png": "אב"}), silent)
    with pytest.raises(UsageError, match=r"a\.png runs from right to left"):
        check_labels(labelled, Charset("אב"))


def test_each_picture_is_learnt_from_in_each_round(tmp_path: Path) -> None:
    labelled = read_labelled(write_labels(tmp_path / "d", many(6)), silent)
    examples = labelled_examples(labelled, Charset("A012345"), 3)
    texts = [one.text for one in examples.pool(0, 12)]
    assert sorted(texts[:6]) == sorted(texts[6:]) == sorted(many(6).values())
    assert [one.text for one in examples.pool(0, 12)] == texts
