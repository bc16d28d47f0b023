"""The contract of preprocessors, on ocrx's own."""

from __future__ import annotations

from ocrx.interfaces.components import Preprocessor
from ocrx.testing import PreprocessorContract
from ocrx_opencv.deskew import Deskew
from ocrx_opencv.light import Contrast, Denoise, Invert, Sharpen
from ocrx_opencv.settings import (
    ContrastOptions,
    DenoiseOptions,
    DeskewOptions,
    InvertOptions,
    SharpenOptions,
)


class TestDeskew(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Deskew(DeskewOptions())


class TestDeskewLines(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Deskew(DeskewOptions(), lines=True)


class TestContrast(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Contrast(ContrastOptions())


class TestDenoise(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Denoise(DenoiseOptions())


class TestDenoiseStrongly(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Denoise(DenoiseOptions(size=5))


class TestSharpen(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Sharpen(SharpenOptions())


class TestInvert(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Invert(InvertOptions())


class TestInvertAlways(PreprocessorContract):
    def make(self) -> Preprocessor:
        return Invert(InvertOptions(when="always"))
