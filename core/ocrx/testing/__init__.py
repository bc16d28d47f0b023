"""Contract suites for plugin authors: subclass one, define how to make your component, run pytest.

    from ocrx.testing import RecognizerContract

    class TestMyRecognizer(RecognizerContract):
        def make(self):
            return MyRecognizer()

The name of each test says what the core relies on. pytest must be installed.
"""

from __future__ import annotations

from ocrx.testing.backends import BackendContract
from ocrx.testing.components import (
    DetectorContract,
    FinderContract,
    OrienterContract,
    PreprocessorContract,
    RecognizerContract,
)
from ocrx.testing.datasets import DatasetContract
from ocrx.testing.decoders import DecoderContract
from ocrx.testing.metrics import MetricContract
from ocrx.testing.networks import NetworkModelContract
from ocrx.testing.pages import PageReaderContract
from ocrx.testing.sessions import SessionContract
from ocrx.testing.toys import DIFFERENCE, LINE, MINUS_ONE, TOYS, Toy
from ocrx.testing.writing import WriterContract

__all__ = [
    "DIFFERENCE",
    "LINE",
    "MINUS_ONE",
    "TOYS",
    "BackendContract",
    "DatasetContract",
    "DecoderContract",
    "DetectorContract",
    "FinderContract",
    "MetricContract",
    "NetworkModelContract",
    "OrienterContract",
    "PageReaderContract",
    "PreprocessorContract",
    "RecognizerContract",
    "SessionContract",
    "Toy",
    "WriterContract",
]
