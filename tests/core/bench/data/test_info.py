"""What a dataset holds, and its digest."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from ocrx.bench.data.dataset import Dataset, DatasetInfo, Sample
from ocrx.bench.data.info import Spread, describe, summarize
from ocrx.bench.data.load import load_dataset
from ocrx.images.opening import ImageSource
from support.datasets import put_labels, put_lmdb, put_pages, put_picture
from support.samples import encode, gradient


def digest(path: Path) -> str:
    return describe(load_dataset(path)).digest


def test_a_summary_of_lines(tmp_path: Path) -> None:
    put_labels(tmp_path, {"a.png": "AB", "b.png": "A", "c.png": "ABC", "d.png": "", "e.png": "B"})
    (tmp_path / "a.png").write_bytes(b"no picture")
    (tmp_path / "b.png").unlink()
    put_picture(tmp_path / "c.png", 300, 10)
    dataset = load_dataset(tmp_path)
    summary = summarize(dataset, dataset.samples)
    assert summary.info == describe(dataset)
    assert (summary.texts, summary.not_scored, summary.unreadable) == (5, 0, 2)
    assert summary.heights == Spread(10, 20, 20)
    assert summary.widths == Spread(43, 44, 300)
    assert summary.characters == Counter("ABABCAB")
    assert summary.lengths == {0: 1, 1: 2, 2: 1, 3: 1}


def test_a_summary_of_pages(tmp_path: Path) -> None:
    lines = [((0, 0, 20, 9), "NET"), ((30, 0, 20, 9), "###"), ((60, 0, 20, 9), "5")]
    put_pages(tmp_path, {"a.png": ("NET 5", lines), "b.png": ("all", []), "c.png": ("", [])})
    dataset = load_dataset(tmp_path)
    summary = summarize(dataset, dataset.samples)
    assert (summary.texts, summary.not_scored) == (3, 1)
    assert summary.lengths == {3: 2, 1: 1}


def test_no_picture_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("a.png\tA\n", "utf-8")
    dataset = load_dataset(tmp_path)
    summary = summarize(dataset, dataset.samples)
    assert (summary.heights, summary.widths, summary.unreadable) == (None, None, 1)


def test_the_description(tmp_path: Path) -> None:
    folder = put_labels(tmp_path / "plates", {"a.png": "A"})
    (folder / "origin.txt").write_text("https://example.org\n", "utf-8")
    described = describe(load_dataset(folder))
    assert described == DatasetInfo(
        "plates", "lines", 1, str(folder), "https://example.org", described.digest
    )
    assert len(described.digest.removeprefix("sha256:")) == 64


def test_the_digest_is_of_what_it_holds_wherever_it_lies(tmp_path: Path) -> None:
    one = put_labels(tmp_path / "one", {"a.png": "A", "b.png": "B"})
    shutil.copytree(one, tmp_path / "two")
    first = digest(one)
    assert digest(tmp_path / "two") == first
    put_picture(tmp_path / "two/b.png", 99)
    assert digest(tmp_path / "two") != first
    (tmp_path / "two/b.png").unlink()
    assert digest(tmp_path / "two") != first
    (one / "labels.tsv").write_text("a.png\tA\nb.png\tb\n", "utf-8")
    assert digest(one) != first


def test_the_digest_of_pages_holds_their_places(tmp_path: Path) -> None:
    pages = [put_pages(tmp_path / f"{x}", {"a.png": ("A", [((x, 0, 9, 9), "A")])}) for x in (0, 1)]
    assert digest(pages[0]) != digest(pages[1])


def test_an_lmdb_is_described_too(tmp_path: Path) -> None:
    folder = put_lmdb(tmp_path, [(encode(gradient()), "A")])
    dataset = load_dataset(folder)
    assert summarize(dataset, dataset.samples).heights == Spread(48, 48, 48)


@pytest.mark.parametrize(
    "source",
    [
        np.zeros((8, 9, 3), np.uint8),
        PIL.Image.new("RGB", (9, 8)),
        encode(PIL.Image.new("RGB", (9, 8))),
    ],
)
def test_pictures_in_memory(source: ImageSource, tmp_path: Path) -> None:
    dataset = Dataset("mine", tmp_path, "lines", [Sample("a", source, "A")])
    assert summarize(dataset, dataset.samples).widths == Spread(9, 9, 9)
    assert describe(dataset).digest == describe(dataset).digest
