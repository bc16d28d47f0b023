"""What a worker does with a shard: files that are whole, and failures that are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx.errors import WeightsError
from ocrx.types import Page
from ocrx_batch.engine import Done
from ocrx_batch.reading import place
from support.fakereader import RAISES, WITHOUT_WEIGHTS
from support.samples import encode, gradient

Pictures = Callable[..., list[str]]
Reading = Callable[..., Done]


def test_the_pages_of_a_shard_are_the_lines_of_one_file(
    pictures: Pictures, reading: Reading
) -> None:
    done = reading(*pictures(40, 41, 42), number=7)
    lines = Path(f"out/pages/{done.shard.name}.jsonl").read_text("utf-8").splitlines()
    pages = [json.loads(line) for line in lines]
    assert [page["text"] for page in pages] == ["40x20", "41x20", "42x20"]
    assert {page["schema"] for page in pages} == {"ocrx/1"}
    assert not any(time for page in pages for time in page["timing"].values())
    assert done.record.pages == 3
    assert done.shard.name.startswith("000007-")
    assert Path(f"out/done/{done.shard.name}.json").is_file()
    assert done.memory > 0


def test_what_is_read_twice_is_the_same_and_there_once(
    pictures: Pictures, reading: Reading
) -> None:
    names = pictures(40, 41)
    reading(*names)
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    reading(*names)
    assert before == {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}


def test_a_bad_picture_costs_only_itself(pictures: Pictures, reading: Reading) -> None:
    names = pictures(40, RAISES, 42)
    Path("in/none.png").write_text("no picture")
    done = reading(*names, "in/none.png", "in/missing.png")
    assert done.record.pages == 2
    failed = {one.source: one for one in done.record.failed}
    assert sorted(failed) == ["in/01.png", "in/missing.png", "in/none.png"]
    assert failed["in/none.png"].message == "in/none.png is text, not a picture"
    assert failed["in/missing.png"].remedy == "Check the name."
    assert failed["in/01.png"].type == "PluginError"
    assert not any(one.again for one in done.record.failed)


def test_what_every_picture_would_meet_ends_it_all_and_writes_nothing(
    pictures: Pictures, reading: Reading
) -> None:
    with pytest.raises(WeightsError):
        reading(*pictures(40, WITHOUT_WEIGHTS))
    assert [path for path in Path("out").rglob("*") if path.is_file()] == []


def test_other_formats_have_a_file_for_each_source(pictures: Pictures, reading: Reading) -> None:
    names = pictures(40, RAISES, 42)
    pages = encode(gradient(50, 20), "TIFF", save_all=True, append_images=[gradient(60, 20)])
    Path("in/03.tif").write_bytes(pages)
    done = reading(*names, "in/03.tif", form="json")
    found = [str(path) for path in sorted(Path("out/pages").rglob("*.*"))]
    assert found == [f"out/pages/in/{name}.json" for name in ("00.png", "02.png", "03.tif")]
    texts = [
        [page["text"] for page in json.loads(Path(one).read_bytes())["pages"]] for one in found
    ]
    assert texts == [["40x20"], ["42x20"], ["50x20", "60x20"]]
    assert (done.record.pages, len(done.record.failed)) == (4, 1)


def test_a_document_that_cannot_be_written_is_a_failure_of_its_own(
    pictures: Pictures, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = pictures(40, 41)

    def page(self: object, page: Page, image: object) -> bytes:
        if "01" in page.source:
            raise RuntimeError("no ink")
        return b"written"

    monkeypatch.setattr("ocrx.output.text.TextWriter.page", page)
    done = reading(*names, form="text")
    assert [one.source for one in done.record.failed] == ["in/01.png"]
    assert "no ink" in done.record.failed[0].message
    assert Path("out/pages/in/00.png.txt").read_bytes() == b"written"
    assert not Path("out/pages/in/01.png.txt").exists()


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("scans/1.png", "scans/1.png"),
        ("s3://bucket/a/../1.png", "@s3/bucket/a/1.png"),
        ("/data/1.png", "@/data/1.png"),
    ],
)
def test_results_lie_as_their_sources_do_and_never_outside(source: str, path: str) -> None:
    assert place(source) == path


def test_a_source_above_this_folder_has_a_place_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "cwd", lambda: Path("/home/me"))
    assert place("../you/1.png") == "@/home/you/1.png"
