"""The options of the writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PdfOptions:
    """`pdfa`: whether to write PDF/A-2b, the form for archives. "auto" does where the input allows,
    "never" leaves everything as it is, and with "always" it is an error if it cannot be done."""

    pdfa: Literal["auto", "never", "always"] = "auto"
