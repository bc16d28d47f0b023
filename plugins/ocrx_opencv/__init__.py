"""Preprocessors that need only OpenCV."""

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

OPTIONS: dict[str, type[settings.Options]] = {
    "adaptive": settings.AdaptiveOptions,
    "clahe": settings.ClaheOptions,
    "denoise": settings.DenoiseOptions,
    "deskew": settings.DeskewOptions,
    "equalize": settings.Options,
    "gaussian": settings.GaussianOptions,
    "grayscale": settings.Options,
    "invert": settings.InvertOptions,
    "median": settings.MedianOptions,
    "otsu": settings.Options,
    "perspective": settings.PerspectiveOptions,
    "sharpen": settings.SharpenOptions,
    "upscale": settings.UpscaleOptions,
}
"""Every preprocessor with its options."""


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    for name, options in OPTIONS.items():
        registry.add("preprocessor", name, partial(_make, name), options=options)


def _make(name: str, request: Request) -> Preprocessor:
    from ocrx_opencv import binary, deskew, light, perspective, smooth, upscale

    if request.variant:
        raise UnknownName(
            f"preprocessor {name!r} has no variant {request.variant!r}", f"Ask for {name} alone."
        )
    classes: dict[str, Callable[[Any], Preprocessor]] = {
        "adaptive": binary.Adaptive,
        "clahe": light.Clahe,
        "denoise": smooth.Denoise,
        "deskew": partial(deskew.Deskew, lines=request.layout == "line"),
        "equalize": light.Equalize,
        "gaussian": smooth.Gaussian,
        "grayscale": light.Grayscale,
        "invert": light.Invert,
        "median": smooth.Median,
        "otsu": binary.Otsu,
        "perspective": perspective.Perspective,
        "sharpen": smooth.Sharpen,
        "upscale": upscale.Upscale,
    }
    return classes[name](request.options)
