"""The files that pages are from, as pages of a PDF: pictures with their bytes as they are."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.errors import InputError, OcrxError
from ocrx.images.opening import open_document
from ocrx.system.files import reading
from ocrx.system.text import printable

if TYPE_CHECKING:
    from ocrx.types import Image, Page

UNTOUCHED = ("JPEG", "MPO", "PNG", "TIFF", "JPEG2000")
"""Pillow's names of the formats whose content PDF can hold without decoding it."""

LARGEST_STRETCH = 0.02
"""How far the sides of a page may differ in proportion from what was read."""

DPI = 96.0
"""The resolution of pictures that have none, in pixels per inch, as img2pdf takes it."""


@dataclass(frozen=True)
class Original:
    """A file as a pikepdf.Pdf with a page for each of the file's. `is_pdf` says whether it was
    one."""

    pdf: Any
    is_pdf: bool

    def shows(self, page: Page) -> bool:
        """Whether it has the page, in the form in which it was read."""
        if page.index >= len(self.pdf.pages):
            return False
        if self.is_pdf:
            return True
        found = self.pdf.pages[page.index]
        left, bottom, right, top = (float(value) for value in found.mediabox)
        sides = (right - left, top - bottom)
        width, height = sides[::-1] if found.rotation % 180 else sides
        return abs(width * page.height / (height * page.width) - 1) <= LARGEST_STRETCH


def open_original(file: Path | bytes) -> Original | None:
    """The file as pages of a PDF; None if PDF cannot hold it as it is. Raises InputError if it
    cannot be opened any more."""
    name = printable(str(file)) if isinstance(file, Path) else "the document"
    with reading(name):
        content = file.read_bytes() if isinstance(file, Path) else file
    if b"%PDF-" in content[:1024]:
        return Original(_opened(content, name), True)
    return _embedded(content)


def picture_page(image: Image, page: Page) -> Any:
    """A decoded picture as a pikepdf.Pdf of one page, compressed without loss."""
    from PIL import Image as PilImage

    buffer = io.BytesIO()
    across, down = page.dpi or (DPI, DPI)
    scale = image.shape[1] / page.width, image.shape[0] / page.height
    PilImage.fromarray(image).save(buffer, "PNG", dpi=(across * scale[0], down * scale[1]))
    return _opened(_converted(buffer.getvalue()), "a picture")


def _embedded(content: bytes) -> Original | None:
    """A picture as it is, or None. It must have as many pages in the PDF as it has when it is
    read: parts of a TIFF may be no pages."""
    from PIL import Image as PilImage

    try:
        with PilImage.open(io.BytesIO(content)) as picture:
            if picture.format not in UNTOUCHED:
                return None
        with open_document(content) as document:
            count = len(document)
        pdf = _opened(_converted(content), "a picture")
    except (OcrxError, OSError, SyntaxError, ValueError):
        return None
    return Original(pdf, False) if len(pdf.pages) == count else None


def _converted(content: bytes) -> bytes:
    """Raises ValueError for a picture that cannot be a part of a PDF as it is."""
    import img2pdf

    # Its notes about colours and transparency are for those who call it by hand.
    logging.getLogger("img2pdf").addHandler(logging.NullHandler())
    try:
        return bytes(img2pdf.convert(content, nodate=True))
    except Exception as error:  # it has a dozen classes of its own, and Pillow's pass through
        raise ValueError(str(error)) from error


def _opened(content: bytes, name: str) -> Any:
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(content))
    except pikepdf.PdfError as error:
        reason = printable(str(error)).rstrip(".")
        raise InputError(
            f"{name} cannot be made searchable: {reason}", "Save it anew with another program."
        ) from error
