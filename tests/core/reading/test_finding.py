"""What is found beside lines: alone, beside a recogniser, and beside an engine of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import PIL.Image
import pytest

from ocrx.errors import InputError, OcrxError, PluginError, UnknownName, UsageError
from ocrx.interfaces.components import Finder, PageReader
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.reader import Reader
from ocrx.types import Image, Item, Line, Page, frozen_quad
from support.fakeparts import PINK, Parts, PinkFinder, draw
from support.samples import encode

SQUARE = frozen_quad([(0, 0), (9, 0), (9, 9), (0, 9)])


def picture() -> Image:
    image = draw(("A", 20, 10, 60, 20, 0))
    image[100:140, 150:180] = PINK
    image[60:80, 20:50] = PINK
    return image


def reader(parts: Parts | None = None, **options: Any) -> Reader:
    return Reader(registry=(parts or Parts()).registry(), **{"finders": ["pink"], **options})


def test_items_are_found_beside_lines_in_reading_order() -> None:
    with reader() as one:
        page = one.read(picture())
    assert page.text == "A A"
    assert [(i.type, i.value, i.score, dict(i.fields)) for i in page.items] == [
        ("pink", "30x20", 0.9, {"shade": "light"}),
        ("pink", "30x40", 0.9, {"shade": "light"}),
    ]
    assert page.items[0].quad.tolist() == [[20, 60], [50, 60], [50, 80], [20, 80]]
    assert "finding" in {used.task for used in page.used}
    assert page.timing.find > 0


def test_items_are_told_in_pixels_of_the_original() -> None:
    with reader(preprocessors=["doubled"]) as one:
        page = one.read(picture())
    assert page.items[0].value == "60x40"
    assert page.items[0].quad.tolist() == [[20, 60], [50, 60], [50, 80], [20, 80]]


def test_without_a_recogniser_nothing_else_is_opened_or_noted() -> None:
    parts = Parts()
    with reader(parts, recognizer="none") as one:
        pages = list(one.read_many([picture(), draw(("A", 20, 10, 60, 20, 0))]))
    assert [[item.value for item in page.items] for page in pages] == [["30x20", "30x40"], []]
    assert {(page.lines, page.notes) for page in pages} == {((), ())}
    assert parts.made == []


def test_a_page_with_items_and_no_text_is_not_called_unread() -> None:
    image = np.full((200, 300, 3), 255, np.uint8)
    image[60:80, 20:50] = PINK
    with reader() as one:
        assert one.read(image).notes == ()


def test_several_finders_are_used() -> None:
    with reader(finders=["pink", "pink"]) as one:
        assert len(one.read(picture()).items) == 4


def test_a_reader_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to do"):
        reader(recognizer="none", finders=())
    with pytest.raises(UnknownName, match="Did you mean 'pink'"):
        reader(finders=["pnik"])
    with pytest.raises(UsageError, match="finder"):
        reader(finders=(), options={"finder.pink": {"x": 1}})


class Engine(PageReader):
    def read(self, pages: Sequence[Image]) -> list[Page]:
        return [Page((), p.shape[1], p.shape[0], items=(Item("x", "own", SQUARE),)) for p in pages]


class Wrong(Finder):
    def find(self, pages: Sequence[Image]) -> list[list[Item]]:
        return [[Item("x", "far", frozen_quad(np.full((4, 2), -1e9)))] for _ in pages]


def registry_of(engine: type[PageReader], finder: type[Finder]) -> Registry:
    registrar = Registrar("fake", "fake")
    registrar.add("page_reader", "engine", lambda request: engine())
    registrar.add("finder", "own", lambda request: finder())
    return Registry([PluginRecord("fake", "fake", "1", registrar.added)])


def test_what_an_engine_finds_and_what_finders_find_is_put_together() -> None:
    registry = registry_of(Engine, PinkFinder)
    with Reader(recognizer="engine", finders=["own"], registry=registry) as one:
        page = one.read(picture())
    assert [item.value for item in page.items] == ["own", "30x20", "30x40"]
    assert page.notes == ()


def test_a_finder_may_fail_on_one_page() -> None:
    class Picky(Finder):
        def find(self, pages: Sequence[Image]) -> Sequence[list[Item] | OcrxError]:
            error = InputError("too wide", "Cut it.")
            found = PinkFinder().find(pages)
            return [
                error if page.shape[1] > 300 else items
                for page, items in zip(pages, found, strict=True)
            ]

    wide = np.full((60, 400, 3), 255, np.uint8)
    errors: list[str] = []
    registry = registry_of(Engine, Picky)
    for recognizer in ("engine", "none"):
        with Reader(recognizer=recognizer, finders=["own"], registry=registry) as one:
            pages = list(
                one.read_many([picture(), wide, picture()], lambda _, e: errors.append(e.message))
            )
        assert [len(page.items) > 0 for page in pages] == [True, True]
    assert errors == ["too wide", "too wide"]


def test_an_item_far_outside_the_page_is_told_with_its_finder() -> None:
    registry = registry_of(Engine, Wrong)
    with (
        Reader(recognizer="engine", finders=["own"], registry=registry) as one,
        pytest.raises(PluginError, match="finder 'own' of plugin 'fake' returned an Item with a"),
    ):
        one.read(picture())


def test_what_a_file_says_of_its_resolution_is_on_the_page() -> None:
    data = encode(PIL.Image.fromarray(picture()), "TIFF", dpi=(300, 150))
    with reader() as one:
        assert one.read(picture()).dpi is None
        assert one.read(data).dpi == (300, 150)


def test_lines_need_no_items() -> None:
    assert Page((Line("a", 1.0, SQUARE),), 9, 9).items == ()
