"""The errors that users meet. Each says what happened, to which input, and the one thing to do.

The command line exits with 1 if an input could not be read, 2 for wrong usage, 3 for a failing
plugin, 4 for weights, 5 for a runtime, 6 for the output, and 130 when it is interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

T = TypeVar("T")


class OcrxError(Exception):
    """The base class of all. `message` says what happened, `remedy` the one thing to do about
    it."""

    exit_code: ClassVar[int] = 1
    """What the command line exits with."""

    def __init__(self, message: str, remedy: str) -> None:
        stop = "" if message.endswith(".") else "."
        super().__init__(f"{message}{stop} {remedy}" if remedy else message)
        self.message: str = message
        """What happened, to which input."""
        self.remedy: str = remedy
        """The one thing to do about it."""

    def __reduce__(self) -> tuple[type[OcrxError], tuple[object, ...]]:
        return type(self), (self.message, self.remedy)


class InputError(OcrxError):
    """A picture, document or folder that cannot be read."""


class ImageTooLarge(InputError):
    """A picture with more pixels than the limit allows."""


class EncryptedDocument(InputError):
    """A document that needs a password."""


class TransientError(InputError):
    """A failure that may pass, such as a busy service or a quota that is used up for now."""

    def __init__(self, message: str, remedy: str, retry_after: float = 0.0) -> None:
        super().__init__(message, remedy)
        self.retry_after: float = retry_after
        """Seconds to wait before the next try; 0 if the service named none."""

    def __reduce__(self) -> tuple[type[OcrxError], tuple[object, ...]]:
        return type(self), (self.message, self.remedy, self.retry_after)


class UsageError(OcrxError):
    """A request that makes no sense, such as options that contradict each other."""

    exit_code = 2


class UnknownName(UsageError):
    """There is no plugin, model or variant of that name."""


class UnknownOption(UsageError):
    """An option that the component does not have, or a value that the option does not accept."""


class PluginError(OcrxError):
    """A plugin failed to load, broke its contract, or raised."""

    exit_code = 3


class WeightsError(OcrxError):
    """Weights that are missing, damaged or cannot be fetched."""

    exit_code = 4


class ChecksumMismatch(WeightsError):
    """A file whose sha256 differs from the expected one. The file was not kept."""


class OfflineError(WeightsError):
    """Weights or a service that are not on this machine, while the network may not be used."""


class BackendError(OcrxError):
    """A runtime failed."""

    exit_code = 5


class BackendMissing(BackendError):
    """The runtime asked for is not installed or does not load."""


class DeviceMissing(BackendError):
    """The device asked for is not there."""


class PrecisionUnavailable(BackendError):
    """The precision asked for does not exist for that model on that runtime and device."""


class NoRoute(BackendError):
    """No artifact of the model is in, or converts to, a format that the runtime accepts."""


class ConversionFailed(BackendError):
    """A model could not be converted to a format that the runtime accepts."""


class InvalidFeed(BackendError):
    """A session was fed an unknown input, a wrong shape or a wrong dtype."""


class SessionClosed(BackendError):
    """A session or reader was used after it was closed."""


class OutputError(OcrxError):
    """A result could not be written."""

    exit_code = 6


@contextmanager
def plugin_errors(who: str) -> Iterator[None]:
    """A context for third-party code: turns what it raises into a PluginError that names `who`.

    Errors of ocrx itself pass through unchanged.
    """
    try:
        yield
    except OcrxError:
        raise
    except Exception as error:
        raise PluginError(
            f"{who} failed: {type(error).__name__}: {error}",
            "Report it to its author, or choose another.",
        ) from error


def without_errors(answers: Iterable[T | OcrxError]) -> list[T]:
    """The answers for several pictures as a list. Raises the first one that is an error."""
    found = []
    for answer in answers:
        if isinstance(answer, OcrxError):
            raise answer
        found.append(answer)
    return found
