"""The page reader `google-vision`: Google's Cloud Vision API, which is paid for by the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.errors import OfflineError
from ocrx.plugins.hooks import hookimpl
from ocrx_google_vision.settings import GoogleVisionOptions

if TYPE_CHECKING:
    from ocrx.interfaces.components import PageReader
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("page_reader", "google-vision", _make, options=GoogleVisionOptions)


def _make(request: Request) -> PageReader:
    from ocrx_google_vision.reader import GoogleVisionReader

    if request.store.offline:
        raise OfflineError(
            "google-vision sends pictures away, which is forbidden (--offline or OCRX_OFFLINE)",
            "Allow it, or read with another recognizer.",
        )
    return GoogleVisionReader(request.options)
