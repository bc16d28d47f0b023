"""Preprocessors that need only OpenCV: deskew, contrast, denoise, sharpen and invert."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ocrx.errors import UnknownName
from ocrx.plugins.hooks import hookimpl
from ocrx_opencv import settings

if TYPE_CHECKING:
    from ocrx.interfaces.components import Preprocessor
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    for name, options in (
        ("deskew", settings.DeskewOptions),
        ("contrast", settings.ContrastOptions),
        ("denoise", settings.DenoiseOptions),
        ("sharpen", settings.SharpenOptions),
        ("invert", settings.InvertOptions),
    ):
        registry.add("preprocessor", name, partial(_make, name), options=options)


def _make(name: str, request: Request) -> Preprocessor:
    from ocrx_opencv.deskew import Deskew
    from ocrx_opencv.light import Contrast, Denoise, Invert, Sharpen

    if request.variant:
        raise UnknownName(
            f"preprocessor {name!r} has no variant {request.variant!r}", f"Ask for {name} alone."
        )
    classes: dict[str, Callable[[Any], Preprocessor]] = {
        "deskew": partial(Deskew, lines=request.layout == "line"),
        "contrast": Contrast,
        "denoise": Denoise,
        "sharpen": Sharpen,
        "invert": Invert,
    }
    return classes[name](request.options)
