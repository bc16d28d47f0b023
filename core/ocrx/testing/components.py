"""The contracts of a reader's components.

Subclass one, define `make`, and override `pictures` if the component is for another kind of
picture. Two results count as the same if they differ by no more than a network's results may differ
between batches.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Generic, TypeVar

import numpy as np

from ocrx.errors import SessionClosed, without_errors
from ocrx.interfaces.components import (
    Component,
    Detector,
    Finder,
    Orienter,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.faults import DEGREES
from ocrx.page.bidi import reordered
from ocrx.testing import pictures as drawn
from ocrx.testing.checks import THREADS, check, check_quad, check_score, in_threads
from ocrx.types import Image, Item, Orientation, Region, Text, Used

C = TypeVar("C", bound=Component)

SCORE_SLACK = 0.1
SPAN_SLACK = 0.05
PIXEL_SLACK = 3.0
"""How far scores, spans (fractions of the crop's width) and corners (pixels) may differ in results
that count as the same."""


class ComponentContract(Generic[C]):
    """What holds for every component: a result for each picture, in order, however often."""

    def make(self) -> C:
        """A new instance of the component under test."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    def pictures(self) -> list[Image]:
        """Pictures of the kind that the component is for, no two alike."""
        return drawn.lines()

    @abstractmethod
    def call(self, component: C, images: Sequence[Image]) -> list[Any]:
        """Call the method of the interface."""

    @abstractmethod
    def check_result(self, result: Any, image: Image) -> None:
        """Fail the test unless `result` is a correct result for `image`."""

    @abstractmethod
    def same(self, one: Any, other: Any) -> bool:
        """Whether two results are the same, apart from what batching may change."""

    def test_a_result_for_each_picture(self) -> None:
        with self.make() as component:
            images = self.pictures()
            results = self.call(component, images)
            _check_count(results, images)
            for result, image in zip(results, images, strict=True):
                self.check_result(result, image)

    def test_nothing_for_nothing(self) -> None:
        with self.make() as component:
            results = self.call(component, [])
            check(results == [], f"for no pictures it gives {results!r}, not []")

    def test_a_picture_gives_the_same_alone_and_in_a_batch(self) -> None:
        with self.make() as component:
            images = self.pictures()
            together = self.call(component, images)
            backwards = self.call(component, images[::-1])[::-1]
            for index, image in enumerate(images):
                [alone] = self.call(component, [image])
                check(
                    self.same(alone, together[index]),
                    f"picture {index} alone gives {alone!r}, in a batch {together[index]!r}",
                )
                check(
                    self.same(alone, backwards[index]),
                    f"picture {index} gives another result when the order is reversed",
                )

    def test_odd_pictures_do_no_harm(self) -> None:
        with self.make() as component:
            images = [*drawn.odd(), *self.pictures()]
            results = self.call(component, images)
            _check_count(results, images)
            for result, image in zip(results, images, strict=True):
                self.check_result(result, image)

    def test_pictures_stay_as_they_are(self) -> None:
        with self.make() as component:
            images = self.pictures()
            before = [image.copy() for image in images]
            for image in images:
                image.setflags(write=False)
            self.call(component, images)
            for image, copy in zip(images, before, strict=True):
                check(np.array_equal(image, copy), "a picture was changed")

    def test_views_of_a_picture_will_do(self) -> None:
        with self.make() as component:
            for image in self.pictures():
                wide = np.concatenate([image, image[:, ::-1]], axis=1)
                view = wide[:, : image.shape[1]]
                [whole], [part] = self.call(component, [image]), self.call(component, [view])
                check(self.same(whole, part), "a view of a picture gives another result")

    def test_threads_get_what_one_thread_gets(self) -> None:
        with self.make() as component:
            images = self.pictures()
            expected = [self.call(component, [image])[0] for image in images]
            # A reader calls what is not thread-safe from one thread at a time, but from any thread.
            guard = nullcontext() if component.thread_safe else threading.Lock()

            def work(number: int) -> Any:
                with guard:
                    return self.call(component, [images[number % len(images)]])[0]

            for number, result in enumerate(in_threads(work, range(THREADS))):
                check(
                    self.same(result, expected[number % len(images)]),
                    "in threads, it gives another result",
                )

    def test_it_says_what_it_used(self) -> None:
        with self.make() as component:
            check(
                isinstance(component.used, tuple)
                and all(isinstance(used, Used) for used in component.used),
                f"used is {component.used!r}, not a tuple of Used",
            )

    def test_it_may_be_closed_twice(self) -> None:
        component = self.make()
        self.call(component, self.pictures()[:1])
        component.close()
        component.close()
        try:
            self.call(component, self.pictures()[:1])
        except SessionClosed:
            return  # a component that holds nothing may go on working


class DetectorContract(ComponentContract[Detector]):
    """What the core relies on in a Detector."""

    def pictures(self) -> list[Image]:
        return drawn.pages()

    def call(self, component: Detector, images: Sequence[Image]) -> list[list[Region]]:
        return without_errors(component.detect(images))

    def check_result(self, result: list[Region], image: Image) -> None:
        check(isinstance(result, list), f"a page's regions are {result!r}, not a list")
        height, width = image.shape[:2]
        for region in result:
            check(isinstance(region, Region), f"{region!r} is not a Region")
            check_quad(region.quad, width, height, "a region")
            check_score(region.score, "a region")

    def same(self, one: list[Region], other: list[Region]) -> bool:
        return len(one) == len(other) and all(
            np.abs(a.quad - b.quad).max() <= PIXEL_SLACK and abs(a.score - b.score) <= SCORE_SLACK
            for a, b in zip(_by_place(one), _by_place(other), strict=True)
        )

    def test_it_sees_plain_text(self) -> None:
        """It detects large dark text on white, in its place."""
        with self.make() as component:
            [regions] = without_errors(component.detect([drawn.page(("Invoice 2041",))]))
        check(regions, "nothing was detected on a page that says Invoice 2041")
        centre = np.mean([region.quad.mean(axis=0) for region in regions], axis=0)
        check(
            20 < centre[0] < 220 and 10 < centre[1] < 50,
            f"the text is around (110, 30), but was detected around {centre.round()}",
        )


class FinderContract(ComponentContract[Finder]):
    """What the core relies on in a Finder. Define `pictures` and `expected` too."""

    @abstractmethod
    def expected(self) -> list[list[tuple[str, str]]]:
        """The type and value of each item on each of `pictures`, in any order. There must be at
        least one item in all."""
        raise NotImplementedError(f"{type(self).__name__} must define expected()")

    def call(self, component: Finder, images: Sequence[Image]) -> list[list[Item]]:
        return without_errors(component.find(images))

    def check_result(self, result: list[Item], image: Image) -> None:
        check(isinstance(result, list), f"a page's items are {result!r}, not a list")
        height, width = image.shape[:2]
        for item in result:
            check(isinstance(item, Item), f"{item!r} is not an Item")
            check(
                isinstance(item.type, str) and item.type and item.type == item.type.lower(),
                f"an item's type is {item.type!r}, not a word in lower case",
            )
            check(isinstance(item.value, str), f"an item's value is {item.value!r}, not a string")
            check_quad(item.quad, width, height, "an item")
            check_score(item.score, "an item")
            check(
                all(isinstance(one, str) for pair in item.fields.items() for one in pair),
                f"an item's fields are {item.fields!r}, not strings by name",
            )

    def same(self, one: list[Item], other: list[Item]) -> bool:
        return _said(one) == _said(other) and all(
            np.abs(a.quad - b.quad).max() <= PIXEL_SLACK
            for a, b in zip(_by_value(one), _by_value(other), strict=True)
        )

    def test_it_finds_what_is_there(self) -> None:
        expected = self.expected()
        check(any(expected), "expected() has no items")
        with self.make() as component:
            for number, (found, wanted) in enumerate(
                zip(self.call(component, self.pictures()), expected, strict=True)
            ):
                check(
                    _said(found) == sorted(wanted),
                    f"on picture {number} it finds {_said(found)}, not {sorted(wanted)}",
                )


class RecognizerContract(ComponentContract[Recognizer]):
    """What the core relies on in a Recognizer. One that is not for Latin text overrides
    `expected`."""

    def expected(self) -> list[tuple[Image, str]]:
        """Crops, and the text that must be read in each. There must be at least two texts."""
        return [(drawn.line(text), text) for text in drawn.LINES]

    def call(self, component: Recognizer, images: Sequence[Image]) -> list[Text]:
        return component.recognize(images)

    def check_result(self, result: Text, image: Image) -> None:
        check(isinstance(result, Text), f"{result!r} is not a Text")
        for char in result.chars:
            check(isinstance(char, str) and char, f"{char!r} is not a character")
        for score in result.scores:
            check_score(score, "a character")
        for start, end in result.spans:
            check(
                0.0 <= start <= end <= 1.0,
                f"the span ({start}, {end}) is not within the crop, from 0 to 1",
            )
        # The spans of text that runs leftwards descend.
        starts = [result.spans[i][0] for i in reordered("".join(c[0] for c in result.chars))[0]]
        check(starts == sorted(starts), f"the spans are not in reading order: {result.spans}")

    def same(self, one: Text, other: Text) -> bool:
        return one.chars == other.chars and all(
            np.allclose(a, b, rtol=0, atol=slack)
            for a, b, slack in (
                (one.scores, other.scores, SCORE_SLACK),
                (one.spans, other.spans, SPAN_SLACK),
            )
        )

    def test_it_reads_what_is_written(self) -> None:
        crops, texts = zip(*self.expected(), strict=True)
        check(len(set(texts)) > 1, "expected() must give at least two texts")
        with self.make() as component:
            read = [text.text for text in component.recognize(crops)]
        check(read == list(texts), f"it reads {read} where {list(texts)} is written")


class OrienterContract(ComponentContract[Orienter]):
    """What the core relies on in an Orienter. One that is not for Latin text overrides
    `expected`."""

    def expected(self) -> list[tuple[Image, int]]:
        """Crops, and the degrees by which each is turned clockwise. There must be at least two
        different angles."""
        upright = [drawn.line(text) for text in drawn.LINES]
        turned = [np.ascontiguousarray(np.rot90(crop, 2)) for crop in upright]
        return [*((crop, 0) for crop in upright), *((crop, 180) for crop in turned)]

    def call(self, component: Orienter, images: Sequence[Image]) -> list[Orientation]:
        return component.orient(images)

    def check_result(self, result: Orientation, image: Image) -> None:
        check(isinstance(result, Orientation), f"{result!r} is not an Orientation")
        check(result.degrees in DEGREES, f"{result.degrees} degrees is none of {DEGREES}")
        check_score(result.score, "an orientation")

    def same(self, one: Orientation, other: Orientation) -> bool:
        return one.degrees == other.degrees and abs(one.score - other.score) <= SCORE_SLACK

    def test_it_tells_how_far_a_line_is_turned(self) -> None:
        crops, degrees = zip(*self.expected(), strict=True)
        check(len(set(degrees)) > 1, "expected() must give lines that are turned differently")
        with self.make() as component:
            found = [orientation.degrees for orientation in component.orient(crops)]
        check(found == list(degrees), f"it says {found} of lines turned by {list(degrees)}")


class PreprocessorContract(ComponentContract[Preprocessor]):
    """What the core relies on in a Preprocessor."""

    def pictures(self) -> list[Image]:
        return [*drawn.pages(), *drawn.lines()]

    def call(self, component: Preprocessor, images: Sequence[Image]) -> list[Any]:
        return component.apply(images)

    def check_result(self, result: Any, image: Image) -> None:
        check(
            isinstance(result, tuple) and len(result) == 2,
            f"{result!r} is not a picture and a homography",
        )
        picture, back = result
        check(
            isinstance(picture, np.ndarray)
            and picture.dtype == np.uint8
            and picture.ndim == 3
            and picture.shape[2] == 3
            and picture.size > 0,
            f"the new picture is not an RGB uint8 array: {getattr(picture, 'shape', picture)}",
        )
        check(
            isinstance(back, np.ndarray) and back.shape == (3, 3) and back.dtype == np.float64,
            f"the homography is not a float64 array of shape (3, 3): {back!r}",
        )
        check(
            np.isfinite(back).all() and abs(np.linalg.det(back)) > 1e-12,
            f"the homography cannot be inverted: {back!r}",
        )

    def same(self, one: Any, other: Any) -> bool:
        return (
            one[0].shape == other[0].shape
            and np.allclose(one[1], other[1])
            and np.abs(one[0].astype(int) - other[0]).mean() <= 1
        )

    def test_the_homography_leads_back(self) -> None:
        """It maps the place of a dark bar in the new picture to its place in the given one."""
        with self.make() as component:
            [(picture, back)] = component.apply([drawn.bar()])
        grey = picture.astype(float).mean(axis=2)
        contrast = np.abs(grey - np.median(grey))
        ys, xs = np.nonzero(contrast > contrast.max() / 2)
        found = back @ (xs.mean() + 0.5, ys.mean() + 0.5, 1.0)
        found = found[:2] / found[2]
        check(
            np.abs(found - (70, 50)).max() <= 4,
            f"the homography maps the bar to {found.round(1).tolist()}, but it is at (70, 50)",
        )


def _check_count(results: Any, images: Sequence[Image]) -> None:
    check(isinstance(results, list), f"it gives a {type(results).__name__}, not a list")
    check(len(results) == len(images), f"{len(results)} results for {len(images)} pictures")


def _said(items: Sequence[Item]) -> list[tuple[str, str]]:
    return sorted((item.type, item.value) for item in items)


def _by_value(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda i: (i.type, i.value, *i.quad.mean(axis=0).round()))


def _by_place(regions: Sequence[Region]) -> list[Region]:
    """The regions from top to bottom, then from left to right."""
    return sorted(regions, key=lambda r: (round(float(r.quad[:, 1].mean()) / 20), r.quad[0, 0]))
