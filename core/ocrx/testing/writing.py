"""The contract of writers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from ocrx.interfaces.writing import Writer
from ocrx.testing.checks import check
from ocrx.types import Char, Image, Item, Line, Page, Timing, Used, Word, frozen_quad

NASTY = 'say "hi", <b>&amp;</b>\tthen\nnew\rline \\ \x1b[31m ünï 漢字 שלום \udcff'
QUAD = frozen_quad([(2, 2), (38, 2), (38, 18), (2, 18)])


def written_pages() -> list[Page]:
    """Pages of several kinds: with lines and items, without any, with text that is hard to
    write."""
    used = (Used("recognition", "model", "runtime", "cpu", "fp32"),)
    item = Item("qr", NASTY, QUAD, 0.5, {"version": "4"})
    return [
        _page([_line("LOT 4711"), _line("made 2026", 1)], "label.png", 0, used=used),
        _page([], "blank.tif", 0),
        _page([_line(NASTY)], "caf\udce9 <1>.pdf", 0, items=(item,), dpi=(300.0, 150.0)),
        _page([_line("b", 0)], "caf\udce9 <1>.pdf", 1, notes=("1 line was dropped",)),
    ]


def _line(text: str, row: int = 0) -> Line:
    char = Char(text[0], 0.9, (0.0, 0.1), QUAD)
    return Line(text, 0.9, QUAD, (Word(text.split(maxsplit=1)[0], 0.9, QUAD),), (char,), 0.8, row)


def _page(lines: Sequence[Line], source: str, index: int, **more: object) -> Page:
    timing = Timing(decode=1.5, detect=20.25, recognize=30.0)
    page = Page(tuple(lines), 40, 20, source, index, timing=timing)
    for name, value in more.items():
        object.__setattr__(page, name, value)
    return page


class WriterContract:
    """What the core relies on in a Writer. Define `make` and `check_document`."""

    def make(self) -> Writer:
        """A new instance of the writer under test."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    @abstractmethod
    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        """Fail the test unless `document` is a complete document of those pages. Read it as another
        program would."""
        raise NotImplementedError(f"{type(self).__name__} must define check_document()")

    def test_a_document_of_any_number_of_pages(self) -> None:
        pages = written_pages()
        for count in range(len(pages) + 1):
            self.check_document(b"".join(self._pieces(pages[:count], True)), pages[:count])

    def test_a_document_of_one_page(self) -> None:
        for page in written_pages():
            self.check_document(b"".join(self._pieces([page], False)), [page])

    def test_every_piece_is_bytes(self) -> None:
        for piece in self._pieces(written_pages(), True):
            check(isinstance(piece, bytes), f"it returns {piece!r}, not bytes")

    def test_two_documents_know_nothing_of_each_other(self) -> None:
        pages = written_pages()
        alone = self._pieces(pages, True)
        one, other = self.make(), self.make()
        both = [(one.begin(True), other.begin(True))]
        both += [(_write(one, page), _write(other, page)) for page in pages]
        both.append((one.end(), other.end()))
        check(
            [a for a, _ in both] == alone and [b for _, b in both] == alone,
            "two writers that are used in turn write other documents than a single one",
        )

    def test_it_says_what_it_is_for(self) -> None:
        writer = self.make()
        check(
            isinstance(writer.suffixes, tuple)
            and all(one == one.lower() and one.startswith(".") for one in writer.suffixes),
            f"suffixes is {writer.suffixes!r}, not a tuple of suffixes such as '.txt'",
        )
        check(isinstance(writer.needs_image, bool), f"needs_image is {writer.needs_image!r}")
        check(
            not isinstance(writer.notes, str) and all(isinstance(n, str) for n in writer.notes),
            f"notes is {writer.notes!r}, not a sequence of sentences",
        )

    def _pieces(self, pages: Sequence[Page], several: bool) -> list[bytes]:
        writer = self.make()
        return [writer.begin(several), *(_write(writer, page) for page in pages), writer.end()]


def _write(writer: Writer, page: Page) -> bytes:
    """The bytes of a page, whose picture has twice its width and height."""
    picture: Image | None = None
    if writer.needs_image:
        picture = np.full((2 * page.height, 2 * page.width, 3), 255, np.uint8)
        picture.setflags(write=False)
    return writer.page(page, picture)
