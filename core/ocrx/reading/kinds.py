"""What a plugin must build for each kind of component."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ocrx.interfaces.components import (
    Detector,
    Finder,
    Orienter,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.compression import Compressor
from ocrx.interfaces.conversion import Converter
from ocrx.interfaces.decoding import Decoder
from ocrx.interfaces.inspection import Inspector
from ocrx.interfaces.patterns import Pattern
from ocrx.interfaces.runtimes import Backend
from ocrx.interfaces.writing import Writer
from ocrx.plugins.registrar import Kind

INTERFACES: Mapping[Kind, type] = MappingProxyType(
    {
        "backend": Backend,
        "converter": Converter,
        "compressor": Compressor,
        "inspector": Inspector,
        "preprocessor": Preprocessor,
        "detector": Detector,
        "orienter": Orienter,
        "recognizer": Recognizer,
        "decoder": Decoder,
        "pattern": Pattern,
        "page_reader": PageReader,
        "finder": Finder,
        "writer": Writer,
    }
)
"""The interface of each kind that a reader or a writer is made of, and of runtimes and files."""
