"""The options of the finder. Names and defaults are those of zxing-cpp, but for `return_errors`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class BarcodeOptions:
    """What is looked for, and how hard.

    - `formats`: names such as "qr-code,ean-13", or groups such as "all-linear", with commas between
      them.
    - `try_rotate` looks for codes that lie on their side, `try_invert` for light ones on dark,
      and `try_downscale` in smaller versions of the picture too, where large codes are found.
    - `binarizer` makes the picture black and white. "local-average" copes with shadows;
      "global-histogram" is for even light; "fixed-threshold" splits at 127; "bool-cast" at 0.
    - `is_pure` says that the picture is a single code, drawn and not photographed.
    - `ean_add_on`: whether the 2 or 5 digits beside an EAN or UPC are read, or even required.
    - `return_errors` also reports codes that are seen but cannot be read, though none of a picture
      that is pure.
    """

    formats: str = "all"
    try_rotate: bool = True
    try_downscale: bool = True
    try_invert: bool = True
    binarizer: Literal["local-average", "global-histogram", "fixed-threshold", "bool-cast"] = (
        "local-average"
    )
    is_pure: bool = False
    ean_add_on: Literal["ignore", "read", "require"] = "ignore"
    return_errors: bool = True
