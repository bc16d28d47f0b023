"""`ocrx read`: options, formats, streams, and what one bad picture costs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from ocrx_cli.work.read import run as reading
from support.fakereader import EMPTY, INTERRUPTS, RAISES, WITHOUT_WEIGHTS
from support.samples import encode, gradient

Runner = Callable[..., Any]
Maker = Callable[..., Path]


def test_the_text_of_a_picture_goes_to_stdout_and_nothing_else(
    ocrx: Runner, picture: Maker
) -> None:
    run = ocrx("read", picture("a.png"))
    assert (run.code, run.out, run.err) == (0, "40x20\n", "")


def test_a_picture_without_text_is_no_failure(ocrx: Runner, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode(PIL.Image.new("RGB", (EMPTY, 20), "white")))
    run = ocrx("read", path)
    assert (run.code, run.out, run.err) == (0, "", "")


def test_what_may_be_missing_is_noted_with_the_name_of_the_picture(
    ocrx: Runner, picture: Maker, tmp_path: Path
) -> None:
    empty = picture("a.png", EMPTY)
    pages = tmp_path / "pages.tif"
    more = [gradient(EMPTY, 20)]
    pages.write_bytes(encode(gradient(40, 20), "TIFF", save_all=True, append_images=more))
    run = ocrx("read", empty, pages, "--format", "jsonl")
    note = "nothing was read, though the picture is not blank"
    assert run.code == 0
    assert run.err == f"ocrx: {empty}: {note}\nocrx: page 2 of {pages}: {note}\n"
    found = [json.loads(one)["notes"] for one in run.out.splitlines()]
    assert found == [[note], [], [note]]


def test_several_pictures_are_named(ocrx: Runner, picture: Maker) -> None:
    first, second = picture("a.png"), picture("b.png", 50)
    run = ocrx("read", first, second)
    assert run.out == f"==> {first} <==\n40x20\n\n==> {second} <==\n50x20\n"


def test_a_folder_of_one_picture_is_not_named(ocrx: Runner, picture: Maker, tmp_path: Path) -> None:
    picture("folder/a.png")
    assert ocrx("read", tmp_path / "folder").out == "40x20\n"


def test_the_pages_of_one_document_are_named(ocrx: Runner, tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    more = [gradient(50, 20), gradient(60, 20)]
    path.write_bytes(encode(gradient(40, 20), "TIFF", save_all=True, append_images=more))
    run = ocrx("read", path)
    assert run.out == (
        f"==> {path} <==\n40x20\n\n==> {path}, page 2 <==\n50x20\n\n==> {path}, page 3 <==\n60x20\n"
    )
    found = json.loads(ocrx("read", path, "--format", "json").out)
    assert [page["index"] for page in found["pages"]] == [0, 1, 2]


def test_stdin(ocrx: Runner, picture: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(picture("a.png").read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    run = ocrx("read", "-", "-f", "jsonl")
    assert run.code == 0
    assert json.loads(run.out)["source"] == "-"


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "text"])
def test_every_format(ocrx: Runner, picture: Maker, form: str) -> None:
    out = ocrx("read", picture("a.png"), picture("b.png", 50), "--format", form).out
    if form == "json":
        texts = [page["text"] for page in json.loads(out)["pages"]]
    elif form == "jsonl":
        texts = [json.loads(line)["text"] for line in out.splitlines()]
    elif form == "text":
        texts = out.splitlines()[1::3]
    else:
        rows = csv.DictReader(io.StringIO(out), delimiter="," if form == "csv" else "\t")
        texts = [row["text"] for row in rows]
    assert texts == ["40x20", "50x20"]


def test_output_takes_its_format_from_the_suffix(
    ocrx: Runner, picture: Maker, tmp_path: Path
) -> None:
    for suffix, start in ((".JSON", "{"), (".csv", '"source"'), (".txt", "40x20"), ("", "40x20")):
        target = tmp_path / f"out{suffix}"
        run = ocrx("read", picture("a.png"), "-o", target)
        assert (run.code, run.out, run.err) == (0, "", "")
        assert target.read_text().startswith(start)
    run = ocrx("read", picture("a.png"), "-o", tmp_path / "out.csv", "-f", "tsv")
    assert "\t" in (tmp_path / "out.csv").read_text()


def test_output_dash_is_stdout(
    ocrx: Runner, picture: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ocrx("read", picture("a.png"), "-o", "-").out == "40x20\n"
    assert not (tmp_path / "-").exists()


def test_output_never_overwrites_what_is_read(ocrx: Runner, picture: Maker) -> None:
    path = picture("a.png")
    before = path.read_bytes()
    run = ocrx("read", path, "-o", path)
    assert run.code == 2
    assert "would overwrite" in run.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["/dev/full", "missing/out.txt", "."])
def test_output_that_cannot_be_written_is_exit_6(
    ocrx: Runner, picture: Maker, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = ocrx("read", picture("a.png"), "-o", target)
    assert run.code == 6
    assert run.err.startswith(f"ocrx: error: cannot write {target}: ")
    assert run.err.count("\n") == 1


def test_a_wrong_name_leaves_the_old_output_alone(
    ocrx: Runner, picture: Maker, tmp_path: Path
) -> None:
    target = tmp_path / "out.txt"
    target.write_text("precious")
    assert ocrx("read", "-r", "fak", picture("a.png"), "-o", target).code == 2
    assert target.read_text() == "precious"


def test_one_bad_picture_costs_one_line_and_exit_1(
    ocrx: Runner, picture: Maker, tmp_path: Path
) -> None:
    bad = tmp_path / "b.png"
    picture("a.png")
    bad.write_text("not a picture")
    picture("c.png", RAISES)
    picture("d.png", 50)
    run = ocrx("read", tmp_path, tmp_path / "gone.png", "-f", "jsonl")
    assert run.code == 1
    assert [json.loads(line)["text"] for line in run.out.splitlines()] == ["40x20", "50x20"]
    lines = run.err.splitlines()
    assert len(lines) == 3
    for line, name in zip(lines, ("b.png", "c.png", "gone.png"), strict=True):
        assert line.startswith("ocrx: error: ")
        assert name in line
    assert "the fake reader breaks" in lines[1]


def test_nothing_to_read_is_still_a_valid_document(ocrx: Runner, tmp_path: Path) -> None:
    run = ocrx("read", tmp_path, "-f", "json")
    assert run.code == 1
    assert json.loads(run.out)["pages"] == []
    assert "holds no picture" in run.err


def test_names_that_are_not_utf8(ocrx: Runner, picture: Maker, tmp_path: Path) -> None:
    good = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    bad = os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.png")
    picture(good)
    Path(bad).write_text("no")
    run = ocrx("read", good, bad, "-f", "json", "--overlay", tmp_path / "drawn")
    assert run.code == 1
    assert json.loads(run.out)["pages"][0]["source"] == f"{tmp_path}/caf\\xe9.png"
    assert "bad\\xff.png" in run.err
    assert len(list((tmp_path / "drawn").iterdir())) == 1


def test_each_page_is_written_before_the_next_is_read(
    ocrx: Runner, picture: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    target = tmp_path / "out.jsonl"

    def watched(sources: Any, report: Any) -> Iterator[Path]:
        for argument in sources:
            seen.append(target.read_text().count("\n") if target.exists() else 0)
            yield Path(argument)

    monkeypatch.setattr(reading, "expand", watched)
    monkeypatch.setattr("ocrx.reading.reader.POOL_PICTURES", 1)
    ocrx("read", *(picture(f"{i}.png", 30 + i) for i in range(5)), "-o", target)
    assert seen == [0, 0, 2, 3, 4]  # two are looked at, to know whether pages need names
    assert target.read_text().count("\n") == 5


def test_ctrl_c_leaves_a_valid_document_of_what_was_read(
    ocrx: Runner, picture: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrx.reading.reader.POOL_PICTURES", 1)
    names = [picture("a.png"), picture("b.png", INTERRUPTS), picture("c.png")]
    run = ocrx("read", *names, "-f", "json")
    assert run.code == 130
    assert [page["text"] for page in json.loads(run.out)["pages"]] == ["40x20"]
    assert run.err == "ocrx: interrupted; what was read so far is written\n"


def test_what_no_picture_is_to_blame_for_ends_it_all(
    ocrx: Runner, picture: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrx.reading.reader.POOL_PICTURES", 1)
    names = [picture("a.png"), picture("b.png", WITHOUT_WEIGHTS), picture("c.png")]
    run = ocrx("read", *names, "-f", "json")
    assert (run.code, run.err) == (4, "ocrx: error: the weights are gone. Bring them back.\n")
    assert [page["text"] for page in json.loads(run.out)["pages"]] == ["40x20"]


def test_settings_reach_the_component(ocrx: Runner, picture: Maker) -> None:
    assert ocrx("read", picture("a.png"), "--set", "page_reader.suffix=!").out == "40x20!\n"
    run = ocrx("read", picture("a.png"), "--set", "page_reader.sufix=!")
    assert (run.code, run.out) == (2, "")
    assert "suffix" in run.err


def test_min_score_drops_lines(ocrx: Runner, picture: Maker) -> None:
    assert ocrx("read", picture("a.png"), "--min-score", "0.95").out == ""


def test_an_unknown_name_lists_what_there_is(ocrx: Runner, picture: Maker) -> None:
    run = ocrx("read", "-r", "fak", picture("a.png"))
    assert (run.code, run.out) == (2, "")
    assert "there is no " in run.err
    assert run.err.count("\n") == 1


def test_debug_tells_what_ran(ocrx: Runner, picture: Maker, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_text("no")
    run = ocrx("read", picture("a.png"), tmp_path / "bad.png", "--debug")
    assert run.code == 1
    assert "reading: fake on none cpu fp32" in run.err
    assert "Traceback" in run.err


def test_overlays_have_names_of_their_own(ocrx: Runner, picture: Maker, tmp_path: Path) -> None:
    pages = tmp_path / "pages.tif"
    pages.write_bytes(encode(gradient(), "TIFF", save_all=True, append_images=[gradient(50, 20)]))
    names = [picture("a/x.png"), picture("b/x.png"), pages, picture("a/X.png", 50), pages]
    folder = tmp_path / "new" / "drawn"
    run = ocrx("read", *names, "--overlay", folder)
    assert (run.code, run.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == [
        "X.overlay-3.png",
        "pages.overlay-2.png",
        "pages.overlay.png",
        "pages.page-2.overlay-2.png",
        "pages.page-2.overlay.png",
        "x.overlay-2.png",
        "x.overlay.png",
    ]
    with PIL.Image.open(folder / "x.overlay.png") as drawn:
        assert drawn.width > 2 * 40


def test_overlays_are_of_the_picture_that_was_read(
    ocrx: Runner, picture: Maker, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_text("no")
    tall, wide = picture("tall.png", 100, 200), picture("wide.png", 200, 110)
    names = [tall, tall, tmp_path / "bad.png", wide, tall]
    assert ocrx("read", *names, "--overlay", tmp_path / "drawn").code == 1
    heights = {}
    for path in (tmp_path / "drawn").iterdir():
        with PIL.Image.open(path) as drawn:
            heights[path.name] = drawn.height
    assert heights == {
        "tall.overlay.png": 640,
        "tall.overlay-2.png": 640,
        "tall.overlay-3.png": 640,
        "wide.overlay.png": 352,
    }


def test_a_script_without_a_font_is_told(
    ocrx: Runner, picture: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrx.output.lettering.font_files", lambda: iter(()))
    suffix = "page_reader.suffix=हि ไ"
    run = ocrx("read", picture("a.png"), "--set", suffix, "--overlay", tmp_path / "drawn")
    assert run.code == 0
    assert run.err.count("\n") == 1
    assert "(Devanagari, Thai)" in run.err
    assert "Install a font" in run.err


def test_an_overlay_folder_that_cannot_be_made_is_exit_6(
    ocrx: Runner, picture: Maker, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    run = ocrx("read", picture("a.png"), "--overlay", tmp_path / "file" / "drawn")
    assert (run.code, run.out) == (6, "")
    assert "cannot write" in run.err


def test_no_stdout(picture: Maker, monkeypatch: pytest.MonkeyPatch, ocrx: Runner) -> None:
    path = picture("a.png")
    monkeypatch.setattr(sys, "stdout", None)
    run = ocrx("read", path)
    assert run.code == 6
    assert "cannot write standard output: it is closed" in run.err
