"""Datasets in each form, found out and named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocrx.bench.data.dataset import Dataset, Sample, TrueLine
from ocrx.bench.data.load import load_dataset
from ocrx.errors import InputError, UnknownName
from ocrx.plugins.registry import load_plugins
from support.datasets import polygon, put_labels, put_picture

SQUARE = [[0, 0], [10, 0], [10, 5], [0, 5]]
LEFT, RIGHT = polygon((0, 0, 40, 10)), polygon((60, 1, 40, 10))


def write(path: Path, *lines: str, end: str = "\n", start: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(start + "".join(line + end for line in lines).encode())
    return path


def pairs(dataset: Dataset) -> list[tuple[str, str]]:
    return [(sample.name, sample.text) for sample in dataset.samples]


def test_labels_of_lines(tmp_path: Path) -> None:
    folder = put_labels(tmp_path / "plates", {"images/a.png": "AB 12", "b.png": ""})
    dataset = load_dataset(folder)
    assert (dataset.name, dataset.kind, dataset.origin) == ("plates", "lines", "")
    assert dataset.path == folder
    assert list(dataset.samples) == [
        Sample("images/a.png", folder / "images/a.png", "AB 12"),
        Sample("b.png", folder / "b.png", ""),
    ]


def test_labels_of_pages(tmp_path: Path) -> None:
    places = [{"poly": SQUARE, "text": "one"}, {"poly": SQUARE[:3], "text": "###"}]
    write(tmp_path / "labels.tsv", f"a.png\tone\t{json.dumps(places)}", "b.png\tall of it\t[]")
    dataset = load_dataset(tmp_path)
    assert dataset.kind == "pages"
    assert dataset.samples[0].lines == (
        TrueLine(((0, 0), (10, 0), (10, 5), (0, 5)), "one"),
        TrueLine(((0, 0), (10, 0), (10, 5)), None),
    )
    assert (dataset.samples[1].text, dataset.samples[1].lines) == ("all of it", ())


def test_a_line_that_is_not_scored_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "labels.tsv", "a.png\t###", "b.png\t##")
    assert pairs(load_dataset(tmp_path)) == [("b.png", "##")]


def test_a_mark_at_the_start_windows_ends_and_blank_lines_do_not_matter(tmp_path: Path) -> None:
    write(tmp_path / "labels.tsv", "a.png\tA", "", "b.png\tB", end="\r\n", start=b"\xef\xbb\xbf")
    assert pairs(load_dataset(tmp_path)) == [("a.png", "A"), ("b.png", "B")]


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    write(tmp_path / "labels.tsv", "a.png\tA\u2028B\x85C\x0cD", "b.png\tB")
    assert load_dataset(tmp_path).samples[0].text == "A\u2028B\x85C\x0cD"


def test_a_picture_that_is_named_twice_gets_two_names(tmp_path: Path) -> None:
    write(tmp_path / "labels.tsv", "a.png\tA", "a.png\tB", "a.png#2\tC", "a.png\tD")
    names = [sample.name for sample in load_dataset(tmp_path).samples]
    assert len(set(names)) == 4
    assert names[:2] == ["a.png", "a.png#2"]


def test_labels_under_another_name(tmp_path: Path) -> None:
    file = write(tmp_path / "validation.tsv", "a.png\tA")
    for dataset in (load_dataset(file), load_dataset(tmp_path)):
        assert (dataset.name, pairs(dataset)) == ("validation", [("a.png", "A")])


def test_paddle_recognition(tmp_path: Path) -> None:
    write(tmp_path / "rec_gt.txt", "a.jpg\tG 1", '["b.jpg", "c.jpg"]\t简单可依赖', "d.jpg\t[{")
    dataset = load_dataset(tmp_path)
    assert dataset.kind == "lines"
    assert pairs(dataset) == [
        ("a.jpg", "G 1"),
        ("b.jpg", "简单可依赖"),
        ("c.jpg", "简单可依赖"),
        ("d.jpg", "[{"),
    ]
    assert dataset.samples[2].source == tmp_path / "c.jpg"


def test_paddle_detection_in_reading_order(tmp_path: Path) -> None:
    words = [
        {"transcription": "right", "points": RIGHT},
        {"transcription": "###", "points": LEFT},
        {"transcription": "*", "points": LEFT},
        {"transcription": "left", "points": LEFT, "difficult": False},
        {"transcription": "**", "points": RIGHT},
    ]
    write(tmp_path / "Label.txt", "empty.jpg\t[]", f"a.jpg\t{json.dumps(words)}")
    dataset = load_dataset(tmp_path / "Label.txt")
    assert dataset.kind == "pages"
    assert pairs(dataset) == [("empty.jpg", ""), ("a.jpg", "left right **")]
    lines = dataset.samples[1].lines
    assert lines is not None
    assert [line.text for line in lines] == ["right", None, None, "left", "**"]


def test_only_paddle_detection_leaves_stars_out(tmp_path: Path) -> None:
    write(tmp_path / "rec.txt", "a.png\t*")
    write(tmp_path / "labels.tsv", f"a.png\t*\t{json.dumps([{'poly': SQUARE, 'text': '*'}])}")
    for file in ("rec.txt", "labels.tsv"):
        assert pairs(load_dataset(tmp_path / file)) == [("a.png", "*")]


def test_paddle_paths_may_start_at_the_folder_above(tmp_path: Path) -> None:
    put_picture(tmp_path / "train/a.png")
    file = write(tmp_path / "train/Label.txt", "train/a.png\tA")
    assert load_dataset(file).samples[0].source == tmp_path / "train/a.png"
    put_picture(tmp_path / "train/train/a.png")
    assert load_dataset(file).samples[0].source == tmp_path / "train/train/a.png"


def test_icdar_pages(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        put_picture(tmp_path / f"img_{number}.png")
        write(tmp_path / f"gt_img_{number}.txt", f"0,0,40,0,40,10,0,10,{number}, or more")
    write(
        tmp_path / "gt_img_2.txt",
        "60,1,100,1,100,11,60,11,last",
        "0,0,40,0,40,10,0,10,###",
        "1.5,0,40,0,40,10,-0.5,10,first",
        start=b"\xef\xbb\xbf",
        end="\r\n",
    )
    dataset = load_dataset(tmp_path)
    assert dataset.kind == "pages"
    assert pairs(dataset) == [
        ("img_1.png", "1, or more"),
        ("img_2.png", "first last"),
        ("img_10.png", "10, or more"),
    ]
    lines = dataset.samples[1].lines
    assert lines is not None
    assert [line.text for line in lines] == ["last", None, "first"]
    assert lines[2].polygon == ((1.5, 0), (40, 0), (40, 10), (-0.5, 10))
    assert load_dataset(tmp_path / "gt_img_1.txt").samples == dataset.samples


def test_icdar_pictures_in_another_folder(tmp_path: Path) -> None:
    put_picture(tmp_path / "images/img_1.png")
    write(tmp_path / "truth/gt_img_1.txt", "0,0,40,0,40,10,0,10,A")
    write(tmp_path / "truth/gt_img_2.txt")
    one, two = load_dataset(tmp_path).samples
    assert (one.name, one.source) == ("images/img_1.png", tmp_path / "images/img_1.png")
    assert (two.name, two.text, two.lines) == ("truth/img_2", "", ())


@pytest.mark.parametrize(
    ("pictures", "truths", "says"),
    [
        (("test/img_1.jpg", "train/img_1.jpg"), ("test/gt_img_1", "train/gt_img_1"), "pictures"),
        (("img_1.jpg", "img_1.png"), ("gt_img_1",), "pictures"),
        (("train/img_1.jpg",), ("test/gt_img_1", "train/gt_img_1"), "truths"),
    ],
)
def test_icdar_pictures_and_truths_of_one_name_are_not_mixed(
    tmp_path: Path, pictures: tuple[str, ...], truths: tuple[str, ...], says: str
) -> None:
    for name in (*pictures, "elsewhere/img_9.png", "img_9.png"):  # of no truth
        put_picture(tmp_path / name)
    for name in truths:
        write(tmp_path / f"{name}.txt", "0,0,40,0,40,10,0,10,A")
    first, second = pictures if says == "pictures" else (f"{name}.txt" for name in truths)
    with pytest.raises(InputError) as caught:
        load_dataset(tmp_path)
    assert caught.value.message == (
        f"there are two {says} for img_1: {tmp_path / first} and {tmp_path / second}"
    )
    assert caught.value.remedy.startswith("Give a folder that has only one of them")
    if (tmp_path / "train").exists():
        assert pairs(load_dataset(tmp_path / "train")) == [("img_1.jpg", "A")]


def test_icdar_words(tmp_path: Path) -> None:
    rows = ['word_1.png, "Genaxis Theatre"', 'word_2.png, "\\"Q\\", \\\\"', 'word_3.png, "###"']
    write(tmp_path / "gt.txt", *rows, start=b"\xef\xbb\xbf", end="\r\n")
    dataset = load_dataset(tmp_path)
    assert dataset.kind == "lines"
    assert pairs(dataset) == [("word_1.png", "Genaxis Theatre"), ("word_2.png", '"Q", \\')]


@pytest.mark.parametrize("form", load_plugins().names("dataset"))
def test_a_form_that_is_named_reads_that_form_or_fails(tmp_path: Path, form: str) -> None:
    put_labels(tmp_path, {"a.png": "A"})
    if form in ("labels",):
        assert pairs(load_dataset(tmp_path, form=form)) == [("a.png", "A")]
        return
    with pytest.raises(InputError):
        load_dataset(tmp_path, form=form)


def test_one_of_several_files_by_its_form(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "a.png\tA")
    write(tmp_path / "gt.txt", 'b.png, "B"')
    write(tmp_path / "notes.txt", "nothing of interest")
    (tmp_path / "latin.txt").write_bytes(b"\xe9\tA\n")
    with pytest.raises(InputError, match=r"several label files: a\.txt, gt\.txt\. Give one"):
        load_dataset(tmp_path)
    assert pairs(load_dataset(tmp_path, form="paddle")) == [("a.png", "A")]
    assert pairs(load_dataset(tmp_path, form="icdar-words")) == [("b.png", "B")]


def test_the_origin_is_the_first_line_of_a_file_beside_the_labels(tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "A"})
    write(tmp_path / "origin.txt", "https://example.org/data ", "and more")
    assert load_dataset(tmp_path).origin == "https://example.org/data"
    assert load_dataset(tmp_path / "labels.tsv").origin == "https://example.org/data"


def test_a_form_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownName, match=r"Did you mean 'labels'\? Choose one of: icdar, icdar-words"
    ):
        load_dataset(tmp_path, form="lables")


ROWS = {
    "no tab": ("labels.tsv", "a.png A", r"line 1: it has no tab.*path<TAB>text"),
    "four columns": ("labels.tsv", "a\tb\tc\td", "line 1: it has 4 columns"),
    "a column more": (
        "labels.tsv",
        "a\tA\nb\tB\t[]",
        "line 2: it has 3 columns, but the first line has 2",
    ),
    "a column less": (
        "labels.tsv",
        "a\tA\t[]\nb\tB",
        "line 2: it has 2 columns, but the first line has 3",
    ),
    "no picture": ("labels.tsv", "a\tA\n\tB", "line 2: it names no picture"),
    "no JSON": ("labels.tsv", "a\tA\t[\n", "line 1: the list of places is not JSON"),
    "too deep": ("labels.tsv", "a\tA\t" + "[" * 100_000, "line 1: the list of places is not JSON"),
    "no list": ("labels.tsv", "a\tA\t{}", "line 1: the places are not a list.*poly"),
    "no text": ("labels.tsv", 'a\tA\t[{"poly": []}]', "line 1: a place has no 'text'"),
    "no polygon": ("labels.tsv", 'a\tA\t[{"text": ""}]', "line 1: null is not a polygon"),
    "two corners": (
        "labels.tsv",
        'a\tA\t[{"text": "", "poly": [[0, 1], [2, 3]]}]',
        r"line 1: \[\[0, 1\], \[2, 3\]\] is not a polygon.*three or more",
    ),
    "not a number": (
        "labels.tsv",
        'a\tA\t[{"text": "", "poly": [[0, 1], [2, 3], [4, NaN]]}]',
        "line 1: .* is not a polygon",
    ),
    "beyond all numbers": (
        "labels.tsv",
        f'a\tA\t[{{"text": "", "poly": [[0, 1], [2, 3], [4, 1{"0" * 400}]]}}]',
        "line 1: .* is not a polygon",
    ),
    "no label": ("rec.txt", "a\tA\nb", "line 2: it has no tab"),
    "no paths": ("rec.txt", "a\tA\n[]\tB", "line 2: it names no pictures"),
    "damaged paths": ("rec.txt", 'a\tA\n["a\tB', "line 2: the list of pictures is not JSON"),
    "damaged place": (
        "det.txt",
        'a\t[{"transcription": "A", "points": [[0, 0], [1, 0], [1, 1]]}]\nb\t[{',
        "line 2: the list of places is not JSON",
    ),
    "no labels at all": ("det.txt", "a\t[]\n", "has no labels"),
    "seven numbers": (
        "gt_a.txt",
        "0,0,1,0,1,1,0,1,A\n0,0,1,0,1,1,0,A",
        "line 2: it does not",
    ),
    "no word": (
        "gt.txt",
        'a.png, "A"\nb.png',
        "line 2: it is no line of ICDAR.*word_1.png",
    ),
    "nothing scored": ("labels.tsv", "a\t###", "has no samples"),
    "nothing": ("labels.tsv", "\n\n", "has no lines"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_damaged_line_is_named(tmp_path: Path, name: str) -> None:
    file, text, message = ROWS[name]
    put_picture(tmp_path / "a.png")
    write(tmp_path / file, text, end="")
    with pytest.raises(InputError, match=message) as caught:
        load_dataset(tmp_path if file.startswith("gt_") else tmp_path / file)
    assert tmp_path.name in caught.value.message
    assert caught.value.remedy


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_bytes(b"a.png\tA\nb.png\tcaf\xe9\n")
    with pytest.raises(InputError, match=r"line 2: byte 10 is not UTF-8.*Convert"):
        load_dataset(tmp_path)
    (tmp_path / "rec.txt").write_bytes(b"caf\xe9.png\tA\n")
    with pytest.raises(InputError, match=r"line 1: byte 4 is not UTF-8"):
        load_dataset(tmp_path / "rec.txt")


def test_icdar_truth_without_any_picture(tmp_path: Path) -> None:
    write(tmp_path / "gt_img_1.txt", "0,0,1,0,1,1,0,1,A")
    with pytest.raises(InputError, match=r"no img_1\.\*, for example.*Put the pictures"):
        load_dataset(tmp_path)


def test_what_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_dataset(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"there is no dataset in .*labels\.tsv"):
        load_dataset(tmp_path)
    file = write(tmp_path / "notes.md", "nothing of interest")
    with pytest.raises(InputError, match=r"not a dataset in a known form.*labels\.tsv"):
        load_dataset(file)
