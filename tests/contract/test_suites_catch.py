"""Each rule of the component suites fails on a component that breaks it, and on no sound one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrx.interfaces.components import Component
from ocrx.testing import (
    DetectorContract,
    FinderContract,
    OrienterContract,
    PageReaderContract,
    PreprocessorContract,
    RecognizerContract,
)
from ocrx.testing import pictures as drawn
from ocrx.types import Image, Item, Line, Orientation, Page, Region, Text, frozen_quad
from support.sound_components import (
    SoundDetector,
    SoundFinder,
    SoundOrienter,
    SoundPageReader,
    SoundPreprocessor,
    SoundRecognizer,
    corners,
)
from support.suite_runner import breaks, failures, rules_of

pytestmark = pytest.mark.slow

Call: TypeAlias = Callable[[Component, Sequence[Image]], list[Any]]


class SoundRecognizerContract(RecognizerContract):
    def expected(self) -> list[tuple[Image, str]]:
        return [(drawn.blank(width, 20), f"{width} wide") for width in (30, 50)]


class SoundOrienterContract(OrienterContract):
    def expected(self) -> list[tuple[Image, int]]:
        return [(drawn.blank(30, 20), 0), (drawn.blank(31, 20), 180)]


class SoundPageReaderContract(PageReaderContract):
    def expected(self) -> list[tuple[Image, str]]:
        return [(drawn.page(), "dark"), (drawn.blank(60, 40), "")]


class SoundFinderContract(FinderContract):
    def pictures(self) -> list[Image]:
        return drawn.pages()

    def expected(self) -> list[list[tuple[str, str]]]:
        sizes = [(156, 59), (44, 14), None, (114, 105)]
        return [[] if s is None else [("dark", f"{s[0]}x{s[1]}")] for s in sizes]


KINDS: dict[str, tuple[type, type[Component], str]] = {
    "detector": (DetectorContract, SoundDetector, "detect"),
    "recognizer": (SoundRecognizerContract, SoundRecognizer, "recognize"),
    "orienter": (SoundOrienterContract, SoundOrienter, "orient"),
    "preprocessor": (PreprocessorContract, SoundPreprocessor, "apply"),
    "page_reader": (SoundPageReaderContract, SoundPageReader, "read"),
    "finder": (SoundFinderContract, SoundFinder, "find"),
}


def mutant(kind: str, **changes: Any) -> Callable[[], Component]:
    """A maker of the sound component of that kind, with some attributes replaced."""
    _, base, _ = KINDS[kind]
    return type(f"Broken{base.__name__}", (base,), changes)


def original(kind: str) -> Any:
    _, base, method = KINDS[kind]
    return getattr(base, method)


# What breaks any component, by the rule that must notice. Each gets the sound method.


def one_too_few(sound: Call) -> Call:
    return lambda self, images: sound(self, images)[:-1]


def none_for_nothing(sound: Call) -> Call:

    def call(self: Component, images: Sequence[Image]) -> Any:
        return sound(self, images) if images else None

    return call


def upside_down_in_batches(sound: Call) -> Call:
    return lambda self, images: sound(self, images)[::-1]


def fussy(sound: Call) -> Call:
    def call(self: Component, images: Sequence[Image]) -> list[Any]:
        if any(min(image.shape[:2]) < 3 for image in images):
            raise ValueError("too small")
        return sound(self, images)

    return call


def scribbling(sound: Call) -> Call:
    def call(self: Component, images: Sequence[Image]) -> list[Any]:
        for image in images:
            image[0, 0] = 0
        return sound(self, images)

    return call


def blind_to_views(sound: Call) -> Call:
    def call(self: Component, images: Sequence[Image]) -> list[Any]:
        raw = [
            image if image.flags.c_contiguous else np.full_like(image, 255)[:, :-3]
            for image in images
        ]
        return sound(self, raw)

    return call


def one_thread_at_a_time(sound: Call) -> Call:
    inside: list[int] = []

    def call(self: Component, images: Sequence[Image]) -> list[Any]:
        inside.append(1)
        try:
            time.sleep(0.002)
            if len(inside) > 1:
                raise RuntimeError("entered twice")
            return sound(self, images)
        finally:
            inside.pop()

    return call


COMMON: dict[Callable[[Call], Call], str] = {
    one_too_few: "test_a_result_for_each_picture",
    none_for_nothing: "test_nothing_for_nothing",
    upside_down_in_batches: "test_a_picture_gives_the_same_alone_and_in_a_batch",
    fussy: "test_odd_pictures_do_no_harm",
    scribbling: "test_pictures_stay_as_they_are",
    blind_to_views: "test_views_of_a_picture_will_do",
    one_thread_at_a_time: "test_threads_get_what_one_thread_gets",
}


def close_once(self: Any) -> None:
    if getattr(self, "gone", False):
        raise RuntimeError("closed twice")
    self.gone = True


ATTRIBUTES: list[tuple[dict[str, Any], str]] = [
    ({"used": ["mine"]}, "test_it_says_what_it_used"),
    ({"close": close_once}, "test_it_may_be_closed_twice"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_component_passes(kind: str, tmp_path: Path) -> None:
    suite, base, _ = KINDS[kind]
    assert failures(suite, base, tmp_path) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_that_is_not_thread_safe_passes_behind_a_lock(
    kind: str, tmp_path: Path
) -> None:
    suite, _, method = KINDS[kind]
    changes = {method: one_thread_at_a_time(original(kind)), "thread_safe": False}
    assert failures(suite, mutant(kind, **changes), tmp_path) == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", COMMON, ids=lambda fault: fault.__name__)
def test_a_fault_is_caught_in_any_component(
    kind: str, fault: Callable[[Call], Call], tmp_path: Path
) -> None:
    suite, _, method = KINDS[kind]
    broken = mutant(kind, **{method: fault(original(kind))})
    assert breaks(suite, COMMON[fault], broken, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("changes", "rule"), ATTRIBUTES)
def test_a_wrong_attribute_is_caught_in_any_component(
    kind: str, changes: dict[str, Any], rule: str, tmp_path: Path
) -> None:
    assert failures(KINDS[kind][0], mutant(kind, **changes), tmp_path) == {rule}


# What breaks one kind: a result for one picture that is not what it should be.


def box_with(**changes: Any) -> list[Region]:
    region: dict[str, Any] = {"quad": frozen_quad(corners((10, 5, 60, 30))), "score": 0.9} | changes
    return [Region(**region)]


def writable_quad() -> NDArray[np.float32]:
    return corners((10, 5, 60, 30))


def page_with(image: Image, line: Line | None = None, **changes: Any) -> Page:
    quad = frozen_quad(corners((0, 0, 1, 1)))
    lines = (line or Line("a", 0.5, quad),)
    parts = {"lines": lines, "width": image.shape[1], "height": image.shape[0]} | changes
    return Page(**parts)


def replaced(result: Any, name: str, value: Any) -> Any:
    """The result with an attribute of the wrong type, which the type checker would not let pass."""
    object.__setattr__(result, name, value)
    return result


def item_with(**changes: Any) -> list[Item]:
    item: dict[str, Any] = {
        "type": "dark",
        "value": "1",
        "quad": frozen_quad(corners((0, 0, 1, 1))),
    } | changes
    return [Item(**item)]


RESULTS: list[tuple[str, str, Callable[[Image], Any]]] = [
    ("detector", "no list", lambda image: tuple(box_with())),
    ("detector", "no regions", lambda image: [(1, 2, 3, 4)]),
    ("detector", "a quad to write to", lambda image: box_with(quad=writable_quad())),
    ("detector", "a float64 quad", lambda image: box_with(quad=np.zeros((4, 2)))),
    ("detector", "a box", lambda image: box_with(quad=np.zeros(4, np.float32))),
    ("detector", "not finite", lambda image: box_with(quad=frozen_quad([[np.nan, 0]] * 4))),
    ("detector", "far outside", lambda image: box_with(quad=frozen_quad([[9e4, 0]] * 4))),
    (
        "detector",
        "counter-clockwise",
        lambda image: box_with(quad=frozen_quad(writable_quad()[::-1])),
    ),
    ("detector", "a score of 100", lambda image: box_with(score=100.0)),
    ("detector", "a score of NumPy's", lambda image: box_with(score=np.float32(0.5))),
    ("recognizer", "a string", lambda image: "text"),
    ("recognizer", "an empty character", lambda image: Text(("",), (0.5,), ((0.0, 1.0),))),
    ("recognizer", "a score of 2", lambda image: Text(("a",), (2.0,), ((0.0, 1.0),))),
    ("recognizer", "spans in pixels", lambda image: Text(("a",), (0.5,), ((3.0, 17.0),))),
    (
        "recognizer",
        "spans backwards",
        lambda image: Text(("a", "b"), (0.5, 0.5), ((0.5, 1.0), (0.0, 0.5))),
    ),
    ("orienter", "a number", lambda image: 180),
    ("orienter", "an eighth", lambda image: Orientation(45, 0.5)),
    ("orienter", "a score of -1", lambda image: Orientation(0, -1.0)),
    ("preprocessor", "only the picture", lambda image: image),
    ("preprocessor", "a grey picture", lambda image: (image[..., 0], np.eye(3))),
    ("preprocessor", "floats", lambda image: (image / 255, np.eye(3))),
    ("preprocessor", "a float32 matrix", lambda image: (image, np.eye(3, dtype=np.float32))),
    ("preprocessor", "no way back", lambda image: (image, np.zeros((3, 3)))),
    ("finder", "no list", lambda image: tuple(item_with())),
    ("finder", "no items", lambda image: ["https://example.org"]),
    ("finder", "a type in capitals", lambda image: item_with(type="QR")),
    ("finder", "no type", lambda image: item_with(type="")),
    ("finder", "bytes", lambda image: item_with(value=b"1")),
    ("finder", "a quad to write to", lambda image: item_with(quad=writable_quad())),
    ("finder", "a score of 100", lambda image: item_with(score=100.0)),
    ("finder", "a field that is a number", lambda image: item_with(fields={"version": 4})),
    ("page_reader", "a string", lambda image: "text"),
    ("page_reader", "another size", lambda image: page_with(image, width=7000)),
    ("page_reader", "a list of lines", lambda image: replaced(page_with(image), "lines", [])),
    (
        "page_reader",
        "a line whose quad can be written to",
        lambda image: page_with(image, Line("a", 0.5, corners((0, 0, 1, 1)))),
    ),
    (
        "page_reader",
        "a line with a score of 50",
        lambda image: page_with(image, Line("a", 50.0, frozen_quad(corners((0, 0, 1, 1))))),
    ),
]


@pytest.mark.parametrize(
    ("kind", "result"),
    [pytest.param(kind, result, id=f"{kind}: {name}") for kind, name, result in RESULTS],
)
def test_a_wrong_result_is_caught(
    kind: str, result: Callable[[Image], Any], tmp_path: Path
) -> None:
    suite, _, _ = KINDS[kind]
    broken = mutant(kind, one=lambda self, image: result(image))
    assert breaks(suite, "test_a_result_for_each_picture", broken, tmp_path)


# Rules of one kind only.

OWN: dict[str, tuple[str, list[Callable[[Image], Any]]]] = {
    "recognizer": (
        "test_it_reads_what_is_written",
        [lambda image: Text(), lambda image: Text.uniform("30 wide", 0.9)],
    ),
    "orienter": (
        "test_it_tells_how_far_a_line_is_turned",
        [lambda image: Orientation(0, 0.9), lambda image: Orientation(180, 0.9)],
    ),
    "page_reader": (
        "test_it_reads_what_is_written",
        [lambda image: page_with(image, lines=()), page_with],
    ),
    "detector": (
        "test_it_sees_plain_text",
        [lambda image: [], lambda image: box_with(quad=frozen_quad(corners((290, 50, 310, 58))))],
    ),
    "finder": ("test_it_finds_what_is_there", [lambda image: [], lambda image: item_with()]),
    "preprocessor": (
        "test_the_homography_leads_back",
        [
            lambda image: (image, np.diag([0.5, 0.5, 1.0])),
            lambda image: (image.repeat(2, 0).repeat(2, 1), np.diag([2.0, 2.0, 1.0])),
            lambda image: (image[::-1], np.eye(3)),
        ],
    ),
}


@pytest.mark.parametrize(
    ("kind", "result"),
    [(kind, result) for kind, (_, results) in OWN.items() for result in results],
)
def test_a_rule_of_its_own_is_kept(
    kind: str, result: Callable[[Image], Any], tmp_path: Path
) -> None:
    broken = mutant(kind, one=lambda self, image: result(image))
    assert breaks(KINDS[kind][0], OWN[kind][0], broken, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_has_its_mutant(kind: str) -> None:
    own = {OWN[kind][0]} if kind in OWN else set()
    tried = {*COMMON.values(), *(rule for _, rule in ATTRIBUTES), *own}
    assert set(rules_of(KINDS[kind][0])) == tried
