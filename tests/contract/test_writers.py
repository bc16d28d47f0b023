"""The contract of writers: ocrx's own keep it, and each rule catches a writer that breaks it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ocrx.interfaces.writing import Writer
from ocrx.output.json import JsonLinesWriter, JsonWriter, page_to_dict
from ocrx.output.table import CsvWriter, TsvWriter
from ocrx.output.text import TextWriter
from ocrx.testing import WriterContract
from ocrx.types import Image, Page
from support.suite_runner import failures, rules_of


class TestJson(WriterContract):
    def make(self) -> Writer:
        return JsonWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        assert json.loads(document)["pages"] == [page_to_dict(page) for page in pages]


class TestJsonLines(WriterContract):
    def make(self) -> Writer:
        return JsonLinesWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        found = [json.loads(line) for line in document.decode().splitlines()]
        assert [one.pop("schema") for one in found] == ["ocrx/1"] * len(pages)
        assert found == [page_to_dict(page) for page in pages]


class TestCsv(WriterContract):
    def make(self) -> Writer:
        return CsvWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        rows = list(csv.reader(io.StringIO(document.decode(), newline=""), strict=True))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert len(rows) - 1 == sum(len(page.lines) + len(page.items) for page in pages)


class TestTsv(WriterContract):
    def make(self) -> Writer:
        return TsvWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        rows = [row.split("\t") for row in document.decode().removesuffix("\n").split("\n")]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert len(rows) - 1 == sum(len(page.lines) + len(page.items) for page in pages)


class TestText(WriterContract):
    def make(self) -> Writer:
        return TextWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        text = document.decode()
        assert all(
            line.text.isprintable() <= (line.text in text) for p in pages for line in p.lines
        )


class Joined(Writer):
    """Pages between brackets: "[a;b]". What the mutants are made from."""

    first: bool

    def __init__(self) -> None:
        self.first = True

    def begin(self, several: bool) -> bytes:
        return b"["

    def page(self, page: Page, image: Image | None) -> bytes:
        between = b"" if self.first else b";"
        self.first = False
        return between + f"{page.index}".encode()

    def end(self) -> bytes:
        return b"]"


class JoinedContract(WriterContract):
    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        assert document == b"[" + b";".join(f"{p.index}".encode() for p in pages) + b"]"


class Seeing(Joined):
    needs_image = True

    def page(self, page: Page, image: Image | None) -> bytes:
        assert image is not None
        assert image.shape[2] == 3
        return super().page(page, image)


class Late(Joined):
    """Writes a page when the next one comes."""

    held = b""

    def page(self, page: Page, image: Image | None) -> bytes:
        before, self.held = self.held, super().page(page, image)
        return before

    def end(self) -> bytes:
        return self.held + b"]"


@pytest.mark.parametrize("sound", [Joined, Seeing, Late])
def test_a_sound_writer_passes(sound: Callable[[], Writer], tmp_path: Path) -> None:
    assert failures(JoinedContract, sound, tmp_path) == set()


def as_text(self: Joined, page: Page, image: Image | None) -> Any:
    return Joined.page(self, page, image).decode()


def only_of_several(self: Any, page: Page, image: Image | None) -> bytes:
    return Joined.page(self, page, image) if self.several else b""


def told(self: Any, several: bool) -> bytes:
    self.several = several
    return b"["


def shared(self: Joined, page: Page, image: Image | None) -> bytes:
    between = b"" if type(self).first else b";"
    type(self).first = False
    return between + f"{page.index}".encode()


def reset(self: Joined, several: bool) -> bytes:
    type(self).first = True
    return b"["


MUTANTS: dict[str, dict[str, Any]] = {
    "test_a_document_of_any_number_of_pages": {"end": lambda self: b""},
    "test_a_document_of_one_page": {"begin": told, "page": only_of_several},
    "test_every_piece_is_bytes": {"page": as_text},
    "test_two_documents_know_nothing_of_each_other": {
        "__init__": lambda self: None,
        "first": True,
        "begin": reset,
        "page": shared,
    },
    "test_it_says_what_it_is_for": {"suffixes": ["txt"]},
}


@pytest.mark.parametrize("rule", MUTANTS)
def test_a_fault_is_caught(rule: str, tmp_path: Path) -> None:
    broken = type("Broken", (Joined,), MUTANTS[rule])
    assert rule in failures(JoinedContract, broken, tmp_path)


def test_every_rule_has_its_mutant() -> None:
    assert set(rules_of(JoinedContract)) == {*MUTANTS}
