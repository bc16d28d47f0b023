"""The contracts between the core and its plugins, and nothing else."""

from __future__ import annotations

from ocrx.interfaces.components import (
    Component,
    Detector,
    Finder,
    Orienter,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Calibration, Conversion, Converter, Environment, Progress
from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.interfaces.feeds import Feeds
from ocrx.interfaces.inspection import Graph, Inspector, Operation
from ocrx.interfaces.networks import CtcModel, MapModel, NetworkModel, Run
from ocrx.interfaces.patterns import Pattern
from ocrx.interfaces.portable import Pixels, Portable, PortableBoxes, PortableLines
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor, HostTensor
from ocrx.interfaces.writing import Writer

__all__ = [
    "AnyTensor",
    "Availability",
    "Backend",
    "Calibration",
    "Component",
    "Compressed",
    "Compression",
    "Compressor",
    "Conversion",
    "Converter",
    "CtcModel",
    "Decoder",
    "Detector",
    "DeviceTensor",
    "Emissions",
    "Environment",
    "Feeds",
    "Finder",
    "Graph",
    "HostTensor",
    "Inspector",
    "MapModel",
    "NetworkModel",
    "Operation",
    "Orienter",
    "PageReader",
    "Pattern",
    "Pixels",
    "Portable",
    "PortableBoxes",
    "PortableLines",
    "Preprocessor",
    "Progress",
    "Recognizer",
    "Run",
    "Session",
    "SessionOptions",
    "Writer",
]
