"""ocrx: any text recogniser on any runtime.

    import ocrx
    print(ocrx.read("label.png").text)

Names are imported on first use, so that `import ocrx` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.errors import OcrxError
    from ocrx.reading.reader import Reader, read
    from ocrx.types import (
        Block,
        Char,
        Item,
        Line,
        Page,
        Paragraph,
        Region,
        Text,
        Timing,
        Used,
        Word,
    )

_HOMES = {
    "ocrx.errors": ("OcrxError",),
    "ocrx.reading.reader": ("Reader", "read"),
    "ocrx.types": (
        "Block",
        "Char",
        "Item",
        "Line",
        "Page",
        "Paragraph",
        "Region",
        "Text",
        "Timing",
        "Used",
        "Word",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Block",
    "Char",
    "Item",
    "Line",
    "OcrxError",
    "Page",
    "Paragraph",
    "Reader",
    "Region",
    "Text",
    "Timing",
    "Used",
    "Word",
    "hookimpl",
    "read",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ocrx' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
