"""Every format: what it writes, that others read it, and that docs/reference/json.md is true."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.interfaces.writing import Writer
from ocrx.output import plugin
from ocrx.output.json import SCHEMA, page_to_dict
from ocrx.plugins.registrar import Registrar, Request
from ocrx.types import Char, Item, Line, Match, Page, Timing, Used, Word, frozen_quad
from ocrx.weights.store import Store

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "json.md"
QUAD = frozen_quad([(1.234567, 2), (30.5, 2), (30.5, 12), (1, 12)])
NASTY = 'say "hi",\tthen\nnew\rline \\ ünï 漢字 \x1b[31m'


def line(text: str = "LOT 4711", row: int = 0) -> Line:
    char = Char("L", 0.99999, (0.0, 0.125), QUAD)
    return Line(text, 0.912345, QUAD, (Word("LOT", 0.9, QUAD),), (char,), 0.87654321, row)


def matched(line: Line) -> Line:
    match = Match("lot", 0.87654321, "L0T 4711", True, (("LOT 471", 0.1),))
    return replace(line, match=match, confidence=0.9876543, refused="")


def page(*lines: Line, source: str = "label.png", index: int = 0) -> Page:
    used = (Used("recognition", "model", "openvino", "cpu", "bf16"),)
    timing = Timing(decode=1.23456, detect=2)
    notes = ("1 line was dropped",)
    items = (Item("qr", NASTY, QUAD, 0.87654321, {"version": "4"}),) if lines else ()
    dpi = (300.004, 150.0)
    return Page(lines, 640, 240, source, index, "page", timing, used, notes, items, dpi, 90)


registrar = Registrar("output", "ocrx")
plugin.ocrx_register(registrar)
WRITERS = {entry.name: entry for entry in registrar.added}


def made(form: str) -> Writer:
    entry = WRITERS[form]
    writer = entry.build(Request("", entry.options(), Store()))
    assert isinstance(writer, Writer)
    return writer


def written(form: str, *pages: Page, several: bool = False) -> str:
    writer = made(form)
    pieces = [writer.begin(several), *(writer.page(one, None) for one in pages), writer.end()]
    return b"".join(pieces).decode()


def test_text_of_one_page_is_bare() -> None:
    bare = replace(page(line("a"), line("b"), line("c", row=1)), items=())
    assert written("text", bare) == "a b\nc\n"


def test_text_of_an_item_follows_the_lines_with_its_fields() -> None:
    value = r'say "hi",\tthen\nnew\rline \ ünï 漢字 \x1b[31m'
    assert written("text", page(line("a"))) == f"a\nqr: {value}\n    version: 4\n"
    alone = replace(page(line("a")), lines=())
    assert written("text", alone) == f"qr: {value}\n    version: 4\n"
    steering = Item("x", "", QUAD, fields={"a\x1bb": "c\nd"})
    assert written("text", replace(alone, items=(steering,))) == "x: \n    a\\x1bb: c\\nd\n"


def test_text_of_several_pages_names_each() -> None:
    pages = (
        page(line("a"), source="a.png"),
        page(source="b.pdf"),
        page(line("c"), source="b.pdf", index=1),
    )
    bare = [replace(one, items=()) for one in pages]
    assert written("text", *bare, several=True) == (
        "==> a.png <==\na\n\n==> b.pdf <==\n\n==> b.pdf, page 2 <==\nc\n"
    )


def test_text_steers_no_terminal() -> None:
    steering = replace(page(line("a\x1b[31m\x9b\x00b"), source="x\x1b\ny"), items=())
    text = written("text", steering, several=True)
    assert text == "==> x\\x1b\\ny <==\na[31mb\n"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_document(count: int) -> None:
    pages = [page(line(), index=i) for i in range(count)]
    found = json.loads(written("json", *pages))
    assert found == {"schema": SCHEMA, "pages": [page_to_dict(p) for p in pages]}


def test_jsonl_is_a_page_per_line() -> None:
    text = written("jsonl", page(line(NASTY)), page(line(), index=1))
    first, second = map(json.loads, text.splitlines())
    assert first["lines"][0]["text"] == NASTY
    assert second == {"schema": SCHEMA, **page_to_dict(page(line(), index=1))}
    assert written("jsonl") == ""


def test_numbers_are_rounded_and_plain() -> None:
    found = page_to_dict(page(line()))
    assert found["lines"][0]["quad"][0] == [1.23, 2.0]
    assert found["lines"][0]["score"] == 0.9123
    assert found["lines"][0]["detection_score"] == 0.8765
    assert found["lines"][0]["chars"][0] == {
        "text": "L",
        "score": 1.0,
        "quad": [[1.23, 2.0], [30.5, 2.0], [30.5, 12.0], [1.0, 12.0]],
        "span": [0.0, 0.125],
    }
    assert found["items"] == [
        {
            "type": "qr",
            "value": NASTY,
            "score": 0.8765,
            "quad": [[1.23, 2.0], [30.5, 2.0], [30.5, 12.0], [1.0, 12.0]],
            "fields": {"version": "4"},
        }
    ]
    assert (found["dpi"], found["orientation"]) == ([300.0, 150.0], 90)
    assert page_to_dict(replace(page(), dpi=None))["dpi"] is None
    assert found["timing"]["decode"] == 1.23
    assert found["timing"]["total"] == 3.23


def test_blocks_name_lines_by_their_place() -> None:
    numbers = [(0, 0), (0, 0), (1, 0), (2, 1)]
    lines = [
        replace(line(str(i)), paragraph=paragraph, block=block)
        for i, (paragraph, block) in enumerate(numbers)
    ]
    blocks = json.loads(written("json", page(*lines)))["pages"][0]["blocks"]
    assert [[p["lines"] for p in block["paragraphs"]] for block in blocks] == [[[0, 1], [2]], [[3]]]


def test_numpy_scores_become_json() -> None:
    score: Any = np.float32(0.5)
    odd = Line("x", score, QUAD, chars=(Char("x", score, (0.0, 1.0), QUAD),))
    assert json.loads(written("json", page(odd)))["pages"][0]["lines"][0]["score"] == 0.5


def test_csv_survives_a_round_trip() -> None:
    names, *rows = csv.reader(
        io.StringIO(written("csv", page(line(NASTY), line("=1+1")))), strict=True
    )
    first, second, item = (dict(zip(names, row, strict=True)) for row in rows)
    assert (item["item"], item["text"], item["x1"], item["line"]) == ("qr", NASTY, "1.23", "")
    assert json.loads(item["fields"]) == {"version": "4"}
    assert first["item"] == first["fields"] == ""
    assert first["text"] == NASTY
    assert second["text"] == "=1+1"
    assert (first["line"], second["line"]) == ("0", "1")
    assert [first[c] for c in ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")] == [
        "1.23", "2.0", "30.5", "2.0", "30.5", "12.0", "1.0", "12.0",
    ]  # fmt: skip
    assert (first["source"], first["score"], first["detection_score"]) == (
        "label.png",
        "0.9123",
        "0.8765",
    )


@pytest.mark.parametrize("text", ["a\rb", "a\nb", 'a"b', "a,b", " a ", "", "NULL", "1e5"])
def test_csv_survives_every_oddity_alone(text: str) -> None:
    written_page = written("csv", page(line(text)))
    names, row, _ = csv.reader(io.StringIO(written_page, newline=""), strict=True)
    assert row[names.index("text")] == text


def test_csv_has_what_patterns_say_of_a_line() -> None:
    names, row, _ = csv.reader(io.StringIO(written("csv", page(matched(line()))), newline=""))
    said = json.loads(row[names.index("fields")])
    assert (said["pattern"], said["check"], said["unconstrained"]) == ("lot", True, "L0T 4711")


def test_tsv_has_a_line_per_row_and_undoes() -> None:
    lines = written("tsv", page(line(NASTY), line("plain"))).removesuffix("\n").split("\n")
    assert len(lines) == 4
    names, first = lines[0].split("\t"), lines[1].split("\t")
    assert len(first) == len(names)
    undone = re.sub(
        r"\\(.)", lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), first[-3]
    )
    assert undone == NASTY


@pytest.mark.parametrize("form", sorted(set(WRITERS) - {"hocr", "alto"}))
def test_names_that_are_not_utf8_survive(form: str) -> None:
    text = written(form, page(line("a\udcffb"), source="caf\udce9.png"), several=True)
    assert "caf\\xe9.png" in text.replace("\\\\", "\\")
    assert "\\xff" in text.replace("\\\\", "\\")


def tables() -> dict[str, dict[str, str]]:
    """The tables of the document: title, then member and its type."""
    found = {}
    for title, body in re.findall(
        r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCUMENT.read_text("utf-8"), re.M | re.S
    ):
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", body, re.MULTILINE)
        found[title] = {name: kind.strip() for name, kind in rows}
    return found


KINDS = {"string": str, "integer": int, "number": float, "boolean": bool}


def check(value: Any, kind: str) -> None:
    """Fail unless `value` is what the document calls `kind`, all the way down."""
    if kind.startswith("array of "):
        assert isinstance(value, list)
        assert value, "the sample has none, so this checks nothing"
        for item in value:
            check(item, kind.removeprefix("array of ").removesuffix("s"))
    elif kind == "quad":
        assert np.asarray(value).shape == (4, 2)
    elif kind == "object of strings":
        assert value
        assert all(isinstance(one, str) for pair in value.items() for one in pair)
    elif kind in KINDS:
        assert isinstance(value, KINDS[kind])
    else:
        members = tables()[{"document": "The document"}.get(kind, kind.capitalize())]
        assert set(value) == set(members)
        for name, its in members.items():
            check(value[name], its)


def test_the_documented_schema_is_what_is_written() -> None:
    check(json.loads(written("json", page(matched(line()), matched(line())))), "document")
    one = json.loads(written("jsonl", page(matched(line()))))
    assert one.pop("schema") == SCHEMA
    check(one, "page")


def test_the_documented_columns_are_what_is_written() -> None:
    body = DOCUMENT.read_text("utf-8").split("## Tables")[1]
    documented = [
        name
        for row in re.findall(r"^\| (`.*?) \|", body, re.M)
        for name in re.findall(r"`(\w+)`", row)
    ]
    for form, separator in (("csv", ","), ("tsv", "\t")):
        names = written(form).strip().replace('"', "").split(separator)
        assert names == documented


def test_every_format_is_documented() -> None:
    guide = DOCUMENT.parents[1] / "guide"
    text = "".join((guide / name).read_text("utf-8") for name in ("command-line.md", "formats.md"))
    rows = re.findall(r"^\| (`.*?) \|", text, re.M)
    assert {*WRITERS} <= {name for row in rows for name in re.findall(r"`(\w+)`", row)}
