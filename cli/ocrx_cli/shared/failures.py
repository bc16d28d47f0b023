"""Pictures that cannot be read: each costs a line, and the others go on."""

from __future__ import annotations

from ocrx.errors import (
    BackendMissing,
    ConversionFailed,
    DeviceMissing,
    NoRoute,
    OcrxError,
    PrecisionUnavailable,
    UsageError,
    WeightsError,
)
from ocrx_cli.terminal.console import print_error

HOPELESS = (
    UsageError,
    WeightsError,
    BackendMissing,
    ConversionFailed,
    DeviceMissing,
    NoRoute,
    PrecisionUnavailable,
)
"""Errors that no picture causes, and that every other picture would meet too."""


class Failures:
    """Prints an error for each picture that could not be read, and counts them.

    Raises errors that are HOPELESS.
    """

    def __init__(self, debug: bool) -> None:
        self.count = 0
        self._debug = debug

    def __call__(self, name: str, error: OcrxError) -> None:
        if isinstance(error, HOPELESS):
            raise error
        self.count += 1
        about = "" if name in error.message else f"{name}: "
        print_error(f"{about}{error}", error if self._debug else None)
