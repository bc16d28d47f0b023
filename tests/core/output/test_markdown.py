"""Markdown: a CommonMark parser reads the text back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ocrx.interfaces.writing import Writer
from ocrx.output.markdown import MarkdownWriter, escape
from ocrx.output.strings import plain
from ocrx.testing import WriterContract
from ocrx.types import Item, Page
from support.layouts import line_at, page_of, quad_at, two_columns

PARSER = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def written(*pages: Page) -> str:
    writer = MarkdownWriter()
    several = len(pages) > 1
    pieces = [writer.begin(several), *(writer.page(one, None) for one in pages), writer.end()]
    return b"".join(pieces).decode()


@given(st.text(st.characters(codec="utf-8")))
@example("# no heading")
@example("1. no list")
@example("- no list")
@example("---")
@example("===")
@example("a_b_c __d__ *e* `f` <g> &amp; [h](i) ~~j~~ \\k |l|")
@example("> no quotation")
def test_text_is_taken_for_nothing_else(text: str) -> None:
    assume(plain(text).strip())
    tokens = PARSER.parse("before\n" + escape(text) + "\nafter")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "softbreak", "text_special"}
    shown = "".join(child.content or " " for child in children).split()
    assert shown == ["before", *plain(text).split(), "after"]


@pytest.mark.parametrize("text", ["3.5 kg", "-40 °C", "#7", "snake_case_name", "a > b", "R&D"])
def test_what_is_plain_anyway_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


def test_blocks_become_paragraphs_and_large_print_headings() -> None:
    parts = written(two_columns()).removesuffix("\n").split("\n\n")
    assert parts[0] == "# A heading above both"
    assert parts[1].splitlines() == [f"column left row{i} some words" for i in range(3)]
    assert len(parts) == 3


def test_lines_beside_each_other_share_a_row_and_bullets_become_lists() -> None:
    lines = [line_at(text, quad_at(10, 10, 90, 20)) for text in ("• one", "• two", "end")]
    page = page_of(lines)
    side = replace(page, lines=(page.lines[0], replace(page.lines[1], row=0), page.lines[2]))
    assert written(page) == "- one\n- two\nend\n"
    assert written(side) == "- one • two\nend\n"


def test_items_are_a_list() -> None:
    item = Item("gs1-128", "(10)A*", quad_at(0, 0, 9, 9), 1.0, {"batch": "A*"})
    assert written(page_of([], items=(item,))) == "- gs1-128: (10)A\\*\n  - batch: A\\*\n"


def test_several_pages_are_named_in_comments() -> None:
    page = page_of([line_at("text", quad_at(0, 0, 90, 20))], source="a-->b.pdf")
    document = written(page, replace(page, index=1))
    assert document.count("<!-- a- -&gt;b.pdf, page ") == 2
    kinds = [token.type for token in PARSER.parse(document) if token.level == 0]
    assert kinds == ["html_block", "paragraph_open", "paragraph_close"] * 2


class TestContract(WriterContract):
    def make(self) -> Writer:
        return MarkdownWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        text = "".join(
            child.content
            for token in PARSER.parse(document.decode())
            for child in token.children or []
        )
        for word in (w.text for page in pages for line in page.lines for w in line.words):
            assert plain(word) in text
