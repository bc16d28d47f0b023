"""Where pixels of a page that was read are on the page of a PDF, and the text that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ocrx.images.pdf import PDFIUM
from ocrx.output.places import words_of

if TYPE_CHECKING:
    from ocrx.types import Line, Page, Word

INNER = 0.6
"""The part of a word's box, in the middle, in which text is looked for."""


def user_space(page: Page, target: Any) -> NDArray[np.float64]:
    """The matrix (2, 3) from pixels of `page` to the default user space of the pikepdf.Page, whose
    visible part is the whole page, turned as it says (ISO 32000-1, 7.7.3.3)."""
    left, bottom, right, top = _visible(target)
    width, height = right - left, top - bottom
    corner, across, down = {
        0: ((left, top), (width, 0), (0, -height)),
        90: ((left, bottom), (0, height), (width, 0)),
        180: ((right, bottom), (-width, 0), (0, height)),
        270: ((right, top), (0, -height), (-width, 0)),
    }[target.rotation % 360]
    matrix: NDArray[np.float64] = np.array([across, down, corner], np.float64).T
    matrix /= page.width, page.height, 1
    return matrix


def _visible(target: Any) -> tuple[float, float, float, float]:
    """What is shown of a page: its crop box within its media box."""
    media, crop = (
        np.array([float(value) for value in box]).reshape(2, 2)
        for box in (target.mediabox, target.cropbox)
    )
    media, crop = np.sort(media, axis=0), np.sort(crop, axis=0)
    low, high = np.maximum(media[0], crop[0]), np.minimum(media[1], crop[1])
    if (high <= low).any():
        low, high = media
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


class ExistingText:
    """The text that the pages of a PDF have already. Close it when done."""

    def __init__(self, content: bytes) -> None:
        import pypdfium2

        with PDFIUM:
            self._pdf = pypdfium2.PdfDocument(content)

    def missing(
        self, lines: Sequence[Line], index: int, matrix: NDArray[np.float64]
    ) -> tuple[list[Line], int]:
        """The lines without the words that page `index` has as text already, and how many those
        are. `matrix` leads to its user space."""
        with PDFIUM:
            page = self._pdf[index]
            text = page.get_textpage()
            try:
                kept = [(line, words_of(line)) for line in lines]
                if text.count_chars():
                    kept = [
                        (line, [word for word in words if not _is_there(text, word, matrix)])
                        for line, words in kept
                    ]
            finally:
                text.close()
                page.close()
        count = sum(len(words_of(line)) for line in lines) - sum(len(words) for _, words in kept)
        return [replace(line, words=tuple(words)) for line, words in kept if words], count

    def close(self) -> None:
        """Close the document. May be called more than once."""
        with PDFIUM:
            self._pdf.close()


def _is_there(text: Any, word: Word, matrix: NDArray[np.float64]) -> bool:
    corners = word.quad.astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
    centre = corners.mean(axis=0)
    inner = centre + (corners - centre) * INNER
    (left, bottom), (right, top) = inner.min(axis=0), inner.max(axis=0)
    return bool(text.get_text_bounded(left, bottom, right, top).strip())
