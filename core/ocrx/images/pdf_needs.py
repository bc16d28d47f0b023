"""The resolution that a PDF page needs, judged by its smallest print and its pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from ctypes import c_float, c_uint
from dataclasses import dataclass
from itertools import accumulate, islice

import pypdfium2
import pypdfium2.raw as pdfium

TEXT_PIXELS = 16
"""The least font size of drawn print, in pixels. PP-OCRv6 small reads Latin print from 9 on;
Chinese has more strokes in the same space."""

TEXT_DPI = 600
"""The most that print is given: 2 points is the smallest size that people can read."""

PICTURE_DPI = 300
PICTURE_PIXELS = 9_000_000
"""A scan that exceeds both the resolution and the pixels is drawn coarser. Letters of 4 points are
then about as large as TEXT_PIXELS."""

SHARE = 0.1
"""The least part of the page that pictures must cover to raise its resolution. Icons do not."""

LENGTH = 8.0
"""The least length of the smallest text, in multiples of its font size. A lone index is
ignored."""

MOST_OBJECTS = 200_000
DEEPEST = 8


@dataclass(frozen=True)
class Needs:
    """The dots per inch that a page's smallest print needs (`text`) and that its pictures have
    (`pictures`), each 0 if there are none. `largest` is the size of the largest picture, (width,
    height) in pixels."""

    text: float = 0.0
    pictures: float = 0.0
    largest: tuple[int, int] = (0, 0)

    def dpi(self, square_inches: float) -> float:
        """The dots per inch worth drawing a page of that area with."""
        enough = math.sqrt(PICTURE_PIXELS / (square_inches or math.inf))
        return max(min(self.text, TEXT_DPI), min(self.pictures, max(PICTURE_DPI, enough)))


@dataclass(frozen=True)
class _Print:
    """A piece of text: its font size and its length, in units of the page."""

    size: float
    length: float


@dataclass(frozen=True)
class _Scan:
    """A picture on the page: its size in pixels, its pixels per unit of the page, and the part of
    the page that it covers."""

    pixels: tuple[int, int]
    density: float
    share: float


def needs_of(page: pypdfium2.PdfPage, unit: float) -> Needs:
    """The needs of a page's objects. `unit` is the length of its unit, in points."""
    width, height = page.get_size()
    prints: list[_Print] = []
    scans: list[_Scan] = []
    for piece, outer in _objects(page):
        if piece.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            scans.append(_scan(piece, outer, width * height))
        elif pdfium.FPDFTextObj_GetTextRenderMode(piece) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
            prints += _print(piece, outer, page.get_cropbox())
    inch = 72 / unit
    return Needs(
        _text_dpi(prints) * inch,
        _picture_dpi(scans) * inch,
        max((scan.pixels for scan in scans), key=math.prod, default=(0, 0)),
    )


def _objects(
    page: pypdfium2.PdfPage,
) -> Iterator[tuple[pypdfium2.PdfObject, pypdfium2.PdfMatrix]]:
    """Text and pictures, each with the matrix from its enclosing form to the page."""
    outer = [pypdfium2.PdfMatrix()]
    # All kinds, so that each counts towards the limit. A form comes before its content.
    for piece in islice(page.get_objects(max_depth=DEEPEST), MOST_OBJECTS):
        del outer[piece.level + 1 :]
        if piece.type == pdfium.FPDF_PAGEOBJ_FORM:
            outer.append(piece.get_matrix().multiply(outer[-1]))
        elif piece.type in (pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE):
            yield piece, outer[-1]


def _print(
    piece: pypdfium2.PdfObject,
    outer: pypdfium2.PdfMatrix,
    seen: tuple[float, float, float, float],
) -> list[_Print]:
    """The text, unless it lies outside the visible part `seen` of the page: left, bottom, right,
    top."""
    size = c_float()
    pdfium.FPDFTextObj_GetFontSize(piece, size)
    quad = pdfium.FS_QUADPOINTSF()
    pdfium.FPDFPageObj_GetRotatedBounds(piece, quad)
    # The piece's own matrix is applied to the quad already.
    x, y = outer.on_point((quad.x1 + quad.x3) / 2, (quad.y1 + quad.y3) / 2)
    if not (seen[0] <= x <= seen[2] and seen[1] <= y <= seen[3]):
        return []
    scale = math.hypot(outer.c, outer.d)
    length = scale * math.hypot(quad.x2 - quad.x1, quad.y2 - quad.y1)
    height = scale * math.hypot(quad.x3 - quad.x2, quad.y3 - quad.y2)
    matrix = piece.get_matrix().multiply(outer)
    em = abs(size.value) * math.hypot(matrix.c, matrix.d)
    # Fonts drawn by the document itself (Type 3) may have any unit, so their height decides.
    return [_Print(height if height > 3 * em else em, length)]


def _scan(piece: pypdfium2.PdfObject, outer: pypdfium2.PdfMatrix, area: float) -> _Scan:
    wide, high = c_uint(), c_uint()
    pdfium.FPDFImageObj_GetImagePixelSize(piece, wide, high)
    matrix = piece.get_matrix().multiply(outer)
    # A matrix maps the unit square to the picture's place on the page.
    width, height = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    density = max(wide.value / (width or math.inf), high.value / (height or math.inf))
    density *= 1 - 1e-6  # the sides of a page are rounded up
    return _Scan((wide.value, high.value), density, width * height / (area or math.inf))


def _text_dpi(prints: list[_Print]) -> float:
    """The dots per unit of the page that the smallest print of sufficient length needs."""
    prints = sorted((one for one in prints if one.size > 0), key=lambda one: one.size)
    lengths = accumulate(one.length / one.size for one in prints)
    sizes = (one.size for one, length in zip(prints, lengths, strict=True) if length >= LENGTH)
    return TEXT_PIXELS / next(sizes, math.inf)


def _picture_dpi(scans: list[_Scan]) -> float:
    """The dots per unit of the page of the finest pictures that together cover SHARE of it."""
    scans = sorted(scans, key=lambda scan: -scan.density)
    shares = accumulate(scan.share for scan in scans)
    found = (scan.density for scan, share in zip(scans, shares, strict=True) if share >= SHARE)
    return next(found, 0.0)
