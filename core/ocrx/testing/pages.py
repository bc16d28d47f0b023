"""The contract of page readers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrx.errors import without_errors
from ocrx.interfaces.components import PageReader
from ocrx.testing import pictures as drawn
from ocrx.testing.checks import check, check_quad, check_score
from ocrx.testing.components import PIXEL_SLACK, ComponentContract
from ocrx.types import Image, Line, Page


class PageReaderContract(ComponentContract[PageReader]):
    """What the core relies on in a PageReader. One that is not for Latin text overrides
    `expected`."""

    def expected(self) -> list[tuple[Image, str]]:
        """Pages, and the text that must be read on each; any white space may stand between words.
        There must be at least two different texts."""
        return [(drawn.page(words), " ".join(words)) for words in drawn.PAGES]

    def pictures(self) -> list[Image]:
        return drawn.pages()

    def call(self, component: PageReader, images: Sequence[Image]) -> list[Page]:
        return without_errors(component.read(images))

    def check_result(self, result: Page, image: Image) -> None:
        check(isinstance(result, Page), f"{result!r} is not a Page")
        height, width = image.shape[:2]
        check(
            (result.width, result.height) == (width, height),
            f"a page of {width} x {height} is returned as {result.width} x {result.height}",
        )
        check(isinstance(result.lines, tuple), "lines is not a tuple")
        for line in result.lines:
            self._check_line(line, width, height)

    def same(self, one: Page, other: Page) -> bool:
        return len(one.lines) == len(other.lines) and all(
            a.text == b.text and np.abs(a.quad - b.quad).max() <= PIXEL_SLACK
            for a, b in zip(one.lines, other.lines, strict=True)
        )

    def test_it_reads_what_is_written(self) -> None:
        pages, texts = zip(*self.expected(), strict=True)
        check(len(set(texts)) > 1, "expected() must give at least two texts")
        with self.make() as component:
            read = [" ".join(page.text.split()) for page in self.call(component, pages)]
        check(
            read == [" ".join(text.split()) for text in texts],
            f"it reads {read} where {list(texts)} is written",
        )

    def _check_line(self, line: Line, width: int, height: int) -> None:
        check(isinstance(line, Line), f"{line!r} is not a Line")
        check(isinstance(line.text, str), f"a line's text is {line.text!r}")
        check_score(line.score, "a line")
        check_score(line.detection_score, "a line's detection")
        for owner, parts in (("a line", (line,)), ("a word", line.words), ("a char", line.chars)):
            for part in parts:
                check_quad(part.quad, width, height, owner)
                check_score(part.score, owner)
