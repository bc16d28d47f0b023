"""The pages of PDF files, drawn by pdfium."""

from __future__ import annotations

import io
import logging
import math
import os
import re
import threading
from typing import IO

import numpy as np
import pypdfium2
from pypdfium2 import raw

from ocrx.errors import EncryptedDocument, ImageTooLarge, InputError
from ocrx.images.document import Document, Raster, decoding
from ocrx.images.pdf_needs import Needs, needs_of
from ocrx.types import Image

PDFIUM = threading.Lock()
"""Held by whoever uses pdfium. It has global state: only one thread at a time may use it, even for
different documents."""

# Without a handler it writes notes about forms to stderr where no logging is set up.
logging.getLogger("pypdfium2").addHandler(logging.NullHandler())
PAGE_PIXELS = 64_000_000
"""The most pixels that a page is drawn with, 192 MB, however large the page claims to be."""

_UNIT = re.compile(rb"/Type\s*/Page\s*/UserUnit\s+(\d+\.?\d*|\.\d+)(?!\s+\d+\s+R)")
"""Finds the unit of a page as pdfium writes it, with the page's entries sorted by name."""


class PdfPages(Document):
    """The pages of a PDF with their annotations and filled forms, on white.

    Coordinates are in pixels of `dpi` dots per inch. A page is drawn with more where its smallest
    print or its pictures need them, and with fewer where it would exceed `max_pixels` or 64
    million pixels.

    Takes over `stream`. Raises InputError for a damaged file, and EncryptedDocument for one that
    needs a password.
    """

    def __init__(self, stream: IO[bytes], name: str, max_pixels: int, dpi: float) -> None:
        super().__init__(name)
        self._stream = stream
        self._max_pixels = max_pixels
        self._dpi = dpi
        with PDFIUM:
            self._has_units = _mentions_units(stream)
            self._pdf = _open(stream, name)
            # The number of pages is only a claim, but each takes more than a byte.
            self._count = min(len(self._pdf), stream.seek(0, os.SEEK_END))

    def __len__(self) -> int:
        return self._count

    def page(self, index: int) -> Raster:
        name = self.page_name(index)
        with PDFIUM, decoding(name):
            page = self._pdf[index]
            try:
                unit = _user_unit(self._pdf, index) if self._has_units else 1.0
                return self._raster(page, unit, name)
            finally:
                page.close()

    def close(self) -> None:
        with PDFIUM:
            self._pdf.close()
        self._stream.close()

    def _raster(self, page: pypdfium2.PdfPage, unit: float, name: str) -> Raster:
        needs = needs_of(page, unit)
        if math.prod(needs.largest) > self._max_pixels:
            raise ImageTooLarge(
                f"{name} has a picture in it of {needs.largest[0]}x{needs.largest[1]}, more than "
                f"{self._max_pixels / 1e6:.10g} million pixels",
                "Scale it down, or cut it into parts.",
            )
        across, down = (side * unit / 72 for side in page.get_size())
        wanted = max(self._dpi, needs.dpi(across * down))
        dpi = _within(wanted, across, down, min(self._max_pixels, PAGE_PIXELS))
        notes = _notes(dpi, self._dpi, needs)
        if self._pdf.formenv is None and _has_fields(page):
            notes += ("its fields were not drawn, because the document has no form (AcroForm)",)
        image = _draw(page, dpi * unit / 72)
        if dpi == self._dpi:
            height, width = image.shape[:2]
        else:
            width, height = (math.ceil(side * self._dpi) for side in (across, down))
        return Raster(image, width, height, notes, (self._dpi, self._dpi))


def _notes(dpi: float, usual: float, needs: Needs) -> tuple[str, ...]:
    drawn = f"it was drawn with {dpi:.0f} dots per inch"
    if needs.text > 1.01 * dpi:
        return (f"{drawn}, and its smallest print would need {needs.text:.0f}",)
    if needs.pictures > 1.01 * dpi:
        return (f"{drawn}, and its pictures have {needs.pictures:.0f}",)
    return (f"{drawn}, since {usual:.0f} would be too many pixels",) if dpi < usual else ()


def _has_fields(page: pypdfium2.PdfPage) -> bool:
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        subtype = raw.FPDFAnnot_GetSubtype(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        if subtype == raw.FPDF_ANNOT_WIDGET:
            return True
    return False


def _within(dpi: float, width: float, height: float, max_pixels: int) -> float:
    """At most `dpi`, reduced so that a page of that size in inches has at most `max_pixels`."""
    dpi = min(dpi, math.sqrt(max_pixels / max(width * height, 1e-9)))
    # Both sides are rounded up, so the square root alone can exceed the limit.
    while math.ceil(width * dpi) * math.ceil(height * dpi) > max_pixels:
        dpi *= 0.98
    return dpi


def _draw(page: pypdfium2.PdfPage, scale: float) -> Image:
    bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        # The array keeps the bitmap's memory alive. It is copied only if rows are padded.
        return np.ascontiguousarray(bitmap.to_numpy())
    finally:
        bitmap.close()


def _mentions_units(stream: IO[bytes]) -> bool:
    """Whether pages may have a unit of their own: the file mentions one, or has compressed
    objects, which may."""
    stream.seek(0)
    end = b""
    while chunk := stream.read(1 << 20):
        if b"/UserUnit" in (seen := end + chunk) or b"/ObjStm" in seen:
            return True
        end = chunk[-16:]
    return False


def _user_unit(pdf: pypdfium2.PdfDocument, index: int) -> float:
    """The length of a page's unit in points.

    pdfium neither applies the unit nor returns it. But it keeps it in a copy of the page, which it
    writes without compressing the page's entries.
    """
    copy = pypdfium2.PdfDocument.new()
    try:
        copy.import_pages(pdf, [index])
        written = io.BytesIO()
        copy.save(written)
    except pypdfium2.PdfiumError:
        return 1.0
    finally:
        copy.close()
    found = _UNIT.search(written.getbuffer())
    unit = float(found[1]) if found else 1.0
    return unit if math.isfinite(unit) and unit > 0 else 1.0


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
