"""The writer `pdf`: searchable PDFs, of pictures as they are, or of the pages of PDFs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_pdf.settings import PdfOptions

if TYPE_CHECKING:
    from ocrx.interfaces.writing import Writer
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("writer", "pdf", _make, options=PdfOptions)


def _make(request: Request) -> Writer:
    from ocrx_pdf.writer import PdfWriter

    return PdfWriter(request.options)
