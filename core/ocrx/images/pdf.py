"""PDF pages, drawn by pdfium."""

from __future__ import annotations

import logging
import math
import os
import threading
from typing import IO, TYPE_CHECKING

import numpy as np
import pypdfium2

from ocrx.errors import EncryptedDocument, InputError
from ocrx.images.document import Document, Raster, decoding

if TYPE_CHECKING:
    from ocrx.types import Image

# pdfium is one per process and must not be entered by two threads, whatever document they have.
_PDFIUM = threading.Lock()
# Or else it writes notes about forms to stderr where no logging is set up.
logging.getLogger("pypdfium2").addHandler(logging.NullHandler())
PAGE_PIXELS = 64_000_000
"""A page has no pixels of its own; one that claims the size of a house gets no more than these."""


class PdfPages(Document):
    """The pages of a PDF, with their annotations and filled forms, on white."""

    def __init__(self, stream: IO[bytes], name: str, max_pixels: int, dpi: float) -> None:
        super().__init__(name)
        self._stream = stream
        self._max_pixels = min(max_pixels, PAGE_PIXELS)
        self._dpi = dpi
        with _PDFIUM:
            self._pdf = _open(stream, name)
            # A page takes more than a byte; the number of them is only a claim.
            self._count = min(len(self._pdf), stream.seek(0, os.SEEK_END))

    def __len__(self) -> int:
        return self._count

    def page(self, index: int) -> Raster:
        name = self.page_name(index)
        with _PDFIUM, decoding(name):
            page = self._pdf[index]
            try:
                return Raster.of(self._draw(page))
            finally:
                page.close()

    def close(self) -> None:
        with _PDFIUM:
            self._pdf.close()
        self._stream.close()

    def _draw(self, page: pypdfium2.PdfPage) -> Image:
        width, height = page.get_size()
        scale = min(self._dpi / 72, math.sqrt(self._max_pixels / max(width * height, 1e-9)))
        # Both sides are rounded up, so the square root alone can exceed the limit.
        while math.ceil(width * scale) * math.ceil(height * scale) > self._max_pixels:
            scale *= 0.98
        bitmap = page.render(scale=scale, rev_byteorder=True)
        try:
            # Copied: the bitmap's rows are padded, and its memory ends with it.
            return np.array(bitmap.to_numpy(), order="C")
        finally:
            bitmap.close()


def _open(stream: IO[bytes], name: str) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(stream)
        pdf.init_forms()
    except pypdfium2.PdfiumError as error:
        reason = str(error).rstrip(".")
        if "password" in reason.lower() or "security" in reason.lower():
            raise EncryptedDocument(
                f"{name} is encrypted", "Save it without a password, and read that."
            ) from error
        raise InputError(f"{name} is damaged: {reason}", "Get the file again.") from error
    return pdf
