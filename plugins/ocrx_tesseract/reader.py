"""Tesseract as a page reader and as a recogniser of crops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from ocrx.errors import BackendError, InputError, OcrxError, without_errors
from ocrx.interfaces.components import PageReader, Recognizer
from ocrx.names import Layout
from ocrx.types import Image, Page, Text, Used
from ocrx_tesseract.data import charset
from ocrx_tesseract.handles import Handle, Handles
from ocrx_tesseract.results import Row, lines_of, rows_of, text_of
from ocrx_tesseract.settings import TesseractLineOptions, TesseractOptions, TesseractPageOptions

LONGEST_SIDE = 32767
"""Tesseract takes no picture with a longer side, in pixels."""


class TesseractReader(PageReader):
    """Reads whole pages with Tesseract's own layout analysis, blocks and paragraphs; with the
    layout "line", each picture as one line. Pictures are read at the same time, one a thread."""

    thread_safe = True
    reads_lines = True

    def __init__(
        self, options: TesseractPageOptions, layout: Layout = "page", threads: int | None = None
    ) -> None:
        """Raises what `Handles` raises; WeightsError if a mode needs data that are not there."""
        self._layout: Literal["page", "line"] = "line" if layout == "line" else "page"
        mode = options.psm or ("single-line" if self._layout == "line" else "auto")
        needed = ("osd",) if mode.endswith("osd") else ()
        self._handles = Handles(options, mode, options.dpi, threads, needed)
        self.charset = _charset(options, self._handles)
        self.used = (_used("page", self._handles),)

    def read(self, pages: Sequence[Image]) -> list[Page | OcrxError]:
        return self._handles.map(self._page, pages)

    def close(self) -> None:
        self._handles.close()

    def _page(self, handle: Handle, image: Image) -> Page | OcrxError:
        height, width = image.shape[:2]
        rows = _recognized(handle, image)
        if isinstance(rows, OcrxError):
            return rows
        return Page(
            lines_of(rows), width, height, layout=self._layout, orientation=_orientation(rows)
        )


class TesseractRecognizer(Recognizer):
    """Reads crops of lines, several at the same time, one a thread."""

    thread_safe = True

    def __init__(self, options: TesseractLineOptions, threads: int | None = None) -> None:
        """Raises what `Handles` raises."""
        self._handles = Handles(options, options.psm, None, threads)
        self.charset = _charset(options, self._handles)
        self.used = (_used("recognition", self._handles),)

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        """Raises InputError for a crop that is too long for Tesseract."""
        return without_errors(self._handles.map(self._text, crops))

    def close(self) -> None:
        self._handles.close()

    def _text(self, handle: Handle, image: Image) -> Text | OcrxError:
        rows = _recognized(handle, image)
        return rows if isinstance(rows, OcrxError) else text_of(rows, image.shape[1])


def _recognized(handle: Handle, image: Image) -> list[Row] | OcrxError:
    height, width = image.shape[:2]
    if max(height, width) > LONGEST_SIDE:
        return InputError(
            f"Tesseract cannot read a picture of {width} x {height}: it takes at most "
            f"{LONGEST_SIDE} pixels a side",
            "Scale it down, or cut it into pieces.",
        )
    if (image == image[0, 0]).all():  # in which Tesseract would see an "a" when told of a line
        return []
    handle.SetImageBytes(image.tobytes(), width, height, 3, 3 * width)
    if not handle.Recognize():
        return BackendError(
            f"Tesseract failed on a picture of {width} x {height}",
            "Try another page segmentation mode (option psm), or scale the picture.",
        )
    return rows_of(handle)


def _orientation(rows: Sequence[Row]) -> int:
    """How far the page is turned, by most of its characters: clockwise, in degrees."""
    votes: Counter[int] = Counter()
    for row in rows:
        votes[row.degrees] += sum(len(word.symbols) for word in row.words)
    return max(votes, key=votes.__getitem__, default=0)


def _charset(options: TesseractOptions, handles: Handles) -> tuple[str, ...]:
    known = charset(handles.folder, handles.languages)
    allowed = options.whitelist or "".join(known)
    return tuple(one for one in known if one in allowed and one not in options.blacklist)


def _used(task: str, handles: Handles) -> Used:
    from tesserocr import tesseract_version

    version: Any = tesseract_version()
    number = version.split("\n")[0].removeprefix("tesseract ")
    return Used(task, "+".join(handles.languages), f"tesseract {number}", "cpu", "none")
