"""The finder `barcodes`: 1D and 2D codes, found by zxing-cpp, and what GS1 codes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_barcodes.settings import BarcodeOptions

if TYPE_CHECKING:
    from ocrx.interfaces.components import Finder
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("finder", "barcodes", _make, options=BarcodeOptions)


def _make(request: Request) -> Finder:
    from ocrx_barcodes.finder import BarcodeFinder

    return BarcodeFinder(request.options, request.session.threads)
