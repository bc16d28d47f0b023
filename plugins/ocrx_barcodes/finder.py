"""Finds bar codes with zxing-cpp."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from ocrx.errors import BackendMissing, InputError, OcrxError, UnknownOption
from ocrx.interfaces.components import Finder
from ocrx.system.cpus import available_cpus
from ocrx.types import Image, Item, Used
from ocrx_barcodes.content import fields_of
from ocrx_barcodes.places import Seen, apart
from ocrx_barcodes.settings import BarcodeOptions

if TYPE_CHECKING:
    import zxingcpp

LONGEST_SIDE = 65535
"""zxing-cpp takes no picture with a longer side, in pixels."""


class BarcodeFinder(Finder):
    """Finds bar codes of all formats that zxing-cpp reads; an item's `type` is the format's name,
    such as "qr-code".

    A code that can be seen but not read has the value "", the score 0 and a field `error`. The quad
    of a 1D code covers the rows in which it was read, which may be a part of its bars.
    """

    thread_safe = True
    used = (Used("finding", "barcodes", "zxing-cpp", "cpu", "none"),)

    def __init__(self, options: BarcodeOptions, threads: int | None = None) -> None:
        """`threads` is the number of pages that are searched at once; None for one for each
        processor. Raises BackendMissing and UnknownOption."""
        self._arguments = _arguments(options)
        self._threads = threads or available_cpus()

    def find(self, pages: Sequence[Image]) -> list[list[Item] | OcrxError]:
        workers = min(self._threads, len(pages))
        if workers < 2:
            return [self._page(page) for page in pages]
        with ThreadPoolExecutor(workers) as pool:  # zxing-cpp lets go of the interpreter's lock
            return list(pool.map(self._page, pages))

    def _page(self, page: Image) -> list[Item] | OcrxError:
        import zxingcpp

        height, width = page.shape[:2]
        if max(height, width) > LONGEST_SIDE:
            return InputError(
                f"bar codes cannot be found in a picture of {width} x {height}: at most "
                f"{LONGEST_SIDE} pixels a side can be searched",
                "Cut it into pieces, or leave out --find barcodes.",
            )
        # A bare array would be taken for BGR. A view knows no strides, and keeps no pixels alive.
        pixels = np.ascontiguousarray(page)
        view = zxingcpp.ImageView(pixels, width, height, zxingcpp.ImageFormat.RGB)
        codes = zxingcpp.read_barcodes(view, **self._arguments)
        return [_item(seen) for seen in apart(codes)]


def _arguments(options: BarcodeOptions) -> dict[str, Any]:
    """The options as arguments of `zxingcpp.read_barcodes`."""
    try:
        import zxingcpp
    except ImportError as error:
        raise BackendMissing(
            f"bar codes are found by zxing-cpp, which cannot be imported ({error})",
            "Install it: pip install 'ocrx[barcodes]'.",
        ) from error
    binarizers = zxingcpp.Binarizer
    add_ons = zxingcpp.EanAddOnSymbol
    return {
        "formats": _formats(options.formats),
        "try_rotate": options.try_rotate,
        "try_downscale": options.try_downscale,
        "try_invert": options.try_invert,
        "binarizer": {
            "local-average": binarizers.LocalAverage,
            "global-histogram": binarizers.GlobalHistogram,
            "fixed-threshold": binarizers.FixedThreshold,
            "bool-cast": binarizers.BoolCast,
        }[options.binarizer],
        "is_pure": options.is_pure,
        "ean_add_on_symbol": {
            "ignore": add_ons.Ignore,
            "read": add_ons.Read,
            "require": add_ons.Require,
        }[options.ean_add_on],
        # Of a pure picture, the first format that fails would be all that is reported.
        "return_errors": options.return_errors and not options.is_pure,
    }


def _formats(names: str) -> zxingcpp.BarcodeFormats:
    import zxingcpp

    try:
        return zxingcpp.barcode_formats_from_str(names)
    except ValueError as error:
        groups = [name for name in dir(zxingcpp.BarcodeFormat) if name.startswith("All")]
        readable = zxingcpp.barcode_formats_from_str("all-readable")
        known = zxingcpp.barcode_formats_list(readable)
        listed = [*groups, *map(str, known)]
        raise UnknownOption(
            f"finder 'barcodes': option 'formats': {error}",
            f"Name some of these, with commas between them: {', '.join(map(slug, listed))}.",
        ) from error


def slug(name: object) -> str:
    """The name of a format as ocrx writes it: "QR Code" and "AllGS1" become "qr-code" and
    "all-gs1"."""
    text = str(name)
    if text.startswith("All") and text != "All" and " " not in text:
        text = f"All {text[3:]}"
    return text.lower().replace(" ", "-")


def _item(seen: Seen) -> Item:
    code = seen.code
    value = code.text if code.valid else ""
    return Item(slug(code.format), value, seen.quad, float(code.valid), fields_of(code))
