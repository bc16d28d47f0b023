"""A plugin of OCRmyPDF that reads with ocrx: `ocrmypdf --plugin ocrx_ocrmypdf in.pdf out.pdf`.

https://ocrmypdf.readthedocs.io/en/latest/plugins.html describes the hooks. OCRmyPDF finds them here
by their names. Its own plugin for Tesseract is switched off, so that Tesseract need not be
installed.
"""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

from ocrx.errors import OcrxError
from ocrx.names import PRECISIONS, TIERS
from ocrx.system.cpus import available_cpus

if TYPE_CHECKING:
    from ocrx_ocrmypdf.engine import OcrxEngine

TESSERACT = "ocrmypdf.builtin_plugins.tesseract_ocr"

log = logging.getLogger(__name__)
hookimpl = HookimplMarker("ocrmypdf")


@hookimpl
def initialize(plugin_manager: Any) -> None:
    """Switch off the plugin that asks for Tesseract."""
    plugin_manager.set_blocked(TESSERACT)


@hookimpl
def register_options() -> dict[str, Any]:
    """Tesseract's options, without effect: OCRmyPDF counts on them."""
    from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions

    return {"tesseract": TesseractOptions}


@hookimpl
def add_options(parser: ArgumentParser) -> None:
    """Options for what reads, and on what. They have the names and meanings of `ocrx read`."""
    from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions

    TesseractOptions.add_arguments_to_parser(parser)
    group = parser.add_argument_group("ocrx", "Options for reading with ocrx")
    for name, metavar, told in (
        (
            "recognizer",
            "NAME",
            "What reads lines, as NAME or NAME:VARIANT (see `ocrx models list`)",
        ),
        ("detector", "NAME", "What finds lines"),
        ("page-reader", "NAME", "An engine that reads whole pages by itself"),
        ("backend", "NAME", "The runtime, such as openvino or onnxruntime"),
        ("device", "NAME", "The device, such as cpu or cuda:0"),
        (
            "language",
            "TAG",
            "The language, such as vi: an error if the recogniser lacks its letters",
        ),
    ):
        group.add_argument(f"--ocrx-{name}", metavar=metavar, help=f"{told}.")
    group.add_argument("--ocrx-precision", choices=PRECISIONS, help="The precision of numbers.")
    group.add_argument("--ocrx-quality", choices=TIERS, help="Chooses models by their quality.")


@hookimpl
def check_options(options: Any) -> None:
    """Refuse names that do not exist before anything is read."""
    from ocrmypdf.exceptions import BadArgsError

    from ocrx_ocrmypdf.engine import open_reader, reader_options

    if options.languages not in ([], ["eng"]):
        log.warning(
            "--language is Tesseract's and not used: models of ocrx read many languages at once. "
            "Give --ocrx-language to have it checked."
        )
    if options.pdf_renderer == "sandwich":
        raise BadArgsError("--pdf-renderer sandwich is Tesseract's. Leave it out.")
    try:
        open_reader(reader_options(options)).close()
    except OcrxError as error:
        raise BadArgsError(str(error)) from error


@hookimpl
def validate(pdfinfo: Any, options: Any) -> None:
    """Share the processors among OCRmyPDF's own workers, one for each page under way."""
    workers = min(len(pdfinfo), options.jobs or available_cpus())
    options.extra_attrs["ocrx_threads"] = max(1, available_cpus() // max(1, workers))


@hookimpl
def get_ocr_engine(options: Any) -> OcrxEngine | None:
    """The engine, unless none is wanted."""
    from ocrx_ocrmypdf.engine import OcrxEngine

    return None if options is not None and options.ocr_engine == "none" else OcrxEngine()
