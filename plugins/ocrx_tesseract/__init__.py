"""Tesseract, in process: the page reader `tesseract` and the recogniser `tesseract`.

`tesseract:deu+eng` is short for the option `languages`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_tesseract.settings import TesseractLineOptions, TesseractPageOptions

if TYPE_CHECKING:
    from ocrx.interfaces.components import PageReader, Recognizer
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add(
        "page_reader", "tesseract", _page_reader, options=TesseractPageOptions, takes={"threads"}
    )
    registry.add(
        "recognizer", "tesseract", _recognizer, options=TesseractLineOptions, takes={"threads"}
    )


def _page_reader(request: Request) -> PageReader:
    from ocrx_tesseract.reader import TesseractReader

    options: TesseractPageOptions = request.options
    if request.variant:
        options = replace(options, languages=request.variant)
    return TesseractReader(options, request.layout, request.session.threads)


def _recognizer(request: Request) -> Recognizer:
    from ocrx_tesseract.reader import TesseractRecognizer

    options: TesseractLineOptions = request.options
    if request.variant:
        options = replace(options, languages=request.variant)
    return TesseractRecognizer(options, request.session.threads)
