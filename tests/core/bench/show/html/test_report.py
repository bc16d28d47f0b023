"""The report as a page: whole, self-contained, and sound for those who do not see it.

benchmarks/check_report.py looks at one in a real browser, with axe-core.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from ocrx.bench.data.dataset import Dataset, Sample
from ocrx.bench.figures.result import Cell, CellResult, Miss, Result
from ocrx.bench.show.html import check_available, to_html
from ocrx.errors import UsageError
from support.fakeresults import WORST, matrix, ok, result
from support.samples import gradient

VOID = {"meta", "img", "br"}
DATASET = Dataset("d", Path("d"), "lines", [Sample(WORST[2].sample, gradient(), WORST[2].truth)])


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)
    """Each with how many children stand before it."""

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, *names: str) -> list[Element]:
        return [element for element in self.walk() if element.name in names]

    @property
    def whole(self) -> str:
        parts = [(i + 0.5, child.whole) for i, child in enumerate(self.children)]
        return "".join(text for _, text in sorted([*self.texts, *parts], key=lambda part: part[0]))


class Page(HTMLParser):
    """A tree of a page whose elements are all closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Element("root", {})
        self._open = [self.root]
        self.feed(html)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].texts.append((len(self._open[-1].children), data))


RUNS = {
    "all states": matrix(),
    "one cell": result(ok(Cell("r"))),
    "nothing measured": result(CellResult(Cell("r"), "failed", "it died", "Try again.")),
    "no cells": result(),
}


@pytest.fixture(scope="module", params=RUNS)
def html(request: pytest.FixtureRequest) -> str:
    return to_html(RUNS[request.param], DATASET)


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return Page(html).root


def test_it_needs_nothing_from_outside(html: str, page: Element) -> None:
    assert not page.all("script", "link", "iframe", "object")
    sources = [e.attributes[k] for e in page.walk() for k in ("src", "href") if k in e.attributes]
    assert all(source.startswith(("#", "data:image/jpeg;base64,")) for source in sources)
    assert "url(" not in html
    assert "@import" not in html


def test_headings_lead_through_it(page: Element) -> None:
    levels = [int(e.name[1]) for e in page.walk() if re.fullmatch(r"h[1-6]", e.name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert all(e.whole.strip() for e in page.all("h1", "h2", "h3"))


def test_every_reference_leads_somewhere(page: Element) -> None:
    ids = Counter(e.attributes["id"] for e in page.walk() if "id" in e.attributes)
    assert set(ids.values()) <= {1}
    meant = {e.attributes["href"][1:] for e in page.all("a")}
    meant |= {
        e.attributes["aria-labelledby"] for e in page.walk() if "aria-labelledby" in e.attributes
    }
    assert meant <= set(ids)


def test_tables_say_what_their_fields_are(page: Element) -> None:
    for table in page.all("table"):
        heads = table.all("th")
        assert all(th.attributes.get("scope") in ("col", "row", "colgroup") for th in heads)
        assert table.all("caption") or "aria-labelledby" in table.attributes
        for row in table.all("tr"):
            assert all(cell.whole.strip() or cell.all("div") for cell in row.all("th", "td"))
        (body,) = table.all("tbody")
        assert len({len(row.children) for row in body.children}) == 1
        assert all(row.all("th") for row in body.children)


def test_pictures_say_what_they_show(page: Element) -> None:
    for element in page.walk():
        if element.attributes.get("role") == "img" or element.name == "img":
            told = element.attributes.keys() & {"alt", "aria-label", "aria-labelledby"}
            assert told, element
        elif element.name == "svg":
            assert element.attributes["aria-hidden"] == "true"


def test_what_scrolls_can_be_reached_by_keyboard(page: Element) -> None:
    for element in page.walk():
        if element.attributes.get("class") == "scroll":
            assert element.attributes["tabindex"] == "0"
            assert element.attributes["role"] == "region"
            assert "aria-labelledby" in element.attributes


def test_every_colour_is_of_both_themes(html: str) -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", html))
    given = Counter(re.findall(r"^\s*--([\w-]+): #", html, re.MULTILINE))
    assert {name for name in used if given[name] < 2} == set()
    classes = {name for value in re.findall(r'class="([^"]*)"', html) for name in value.split()}
    styles = html[html.index("<style>") : html.index("</style>")]
    unstyled = {name for name in classes if f".{name}" not in styles}
    assert unstyled <= {"wide", "difference"}


def text_of(run: Result, dataset: Dataset | None = None) -> str:
    return " ".join(Page(to_html(run, dataset)).root.all("body")[0].whole.split())


def test_everything_of_a_run_is_there() -> None:
    text = text_of(matrix(), DATASET)
    for cell in matrix().cells:
        assert cell.cell.name in text
    for told in (
        "Fastest crnn openvino int8 0.708 ms a picture",
        "Among the most accurate paddle:v6-small openvino fp32",
        "98.7 % character accuracy (98.1 to 99.3) 3.74 ms a picture",
        "4 more cannot be told apart from it",
        "Not ranked, as they read differently from the reference: paddle:v6-small tflite int8",
        "the converter onnx2torch is not installed",
        "ocrx converters install onnx2torch",
        "AMD EPYC 9754, 2 cores",
        "2026-11-23 10:00 UTC",
        "Not shown: it is no longer in the dataset.",
        "took turns in 5 rounds",
        "2 of 31 cells were measured while the machine was busy",
    ):
        assert told in text


def test_where_times_are_too_noisy_none_is_the_fastest() -> None:
    calm = text_of(result(ok(Cell("a"), 5, 90), ok(Cell("b"), 20, 99)))
    wild = text_of(result(ok(Cell("a"), 5, 90, spread=15), ok(Cell("b"), 20, 99, spread=15)))
    for crowned in ("Fastest a", "From fast to accurate", "The line joins", "the fastest"):
        assert crowned in calm
        assert crowned not in wild
    assert "Most accurate b" in wild
    assert "No combination is ranked by time" in wild


def test_what_was_read_is_shown_and_never_markup() -> None:
    nasty = "<script>alert(1)</script>&\"'"
    cell = ok(Cell(nasty))
    assert cell.figures
    miss = Miss(nasty, nasty, nasty[::-1], 10.0)
    scored = replace(cell.figures.quality, worst=(miss,))
    cell = replace(cell, figures=replace(cell.figures, quality=scored))
    other = CellResult(Cell("s"), "failed", nasty, nasty)
    run = replace(result(cell, other), warnings=(nasty,), settings={nasty: nasty})
    root = Page(to_html(run)).root
    assert not root.all("script")
    assert root.whole.count("<script>alert(1)</script>") > 5


def test_differences_are_marked_as_such() -> None:
    root = Page(to_html(matrix(), DATASET)).root
    card = next(e for e in root.all("article") if "crops/017.png" in e.whole)
    assert [e.whole for e in card.all("del")] == ["O", "11", "0"]
    assert [e.whole for e in card.all("ins")] == ["0", "II", "O"]
    image = next(e for e in root.all("img"))
    assert image.attributes["alt"] == f"Picture that says: {WORST[2].truth}"


def test_without_jinja_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError) as error:
        check_available()
    assert "ocrx[bench]" in error.value.remedy
    with pytest.raises(UsageError):
        to_html(matrix())


def test_commands_within_sentences_are_code() -> None:
    cell = CellResult(Cell("s"), "failed", "a `b` c", "Run `ocrx x`, not `y.")
    (reasons,) = [
        e
        for e in Page(to_html(result(cell))).root.all("ul")
        if e.attributes.get("class") == "reasons"
    ]
    assert [e.whole for e in reasons.all("code")] == ["b", "ocrx x"]
    assert "Run ocrx x, not `y." in reasons.whole


def test_a_run_without_figures_says_so_first() -> None:
    assert "Verdict Nothing could be ranked: no cell was measured." in text_of(
        RUNS["nothing measured"]
    )
