"""Every error a user can meet. Each says what happened, to which input, and the one thing to do.

Exit codes of the command line: 1 an input could not be read, 2 wrong usage, 3 a plugin, 4 weights,
5 a runtime, 6 the output, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

T = TypeVar("T")


class OcrxError(Exception):
    """Base of all. `message` is the fact, `remedy` the one thing to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str) -> None:
        stop = "" if message.endswith(".") else "."
        super().__init__(f"{message}{stop} {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[OcrxError], tuple[object, ...]]:
        return type(self), (self.message, self.remedy)


class InputError(OcrxError):
    """A picture, document or folder that cannot be read."""


class ImageTooLarge(InputError):
    """A picture with more pixels than the limit allows."""


class EncryptedDocument(InputError):
    """A document that needs a password."""


class TransientError(InputError):
    """What may succeed when it is asked for again: a service that is busy, a quota that fills up.

    `retry_after` is how many seconds to wait first, as far as the service said.
    """

    def __init__(self, message: str, remedy: str, retry_after: float = 0.0) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[OcrxError], tuple[object, ...]]:
        return type(self), (self.message, self.remedy, self.retry_after)


class UsageError(OcrxError):
    """Something was asked for that makes no sense."""

    exit_code = 2


class UnknownName(UsageError):
    """No plugin, model or variant of that name."""


class UnknownOption(UsageError):
    """An option the component does not have, or a value it cannot take."""


class PluginError(OcrxError):
    """A plugin failed to load, broke its contract, or raised."""

    exit_code = 3


class WeightsError(OcrxError):
    """Weights that are missing, damaged or cannot be fetched."""

    exit_code = 4


class ChecksumMismatch(WeightsError):
    """A file whose sha256 is not the one expected; nothing of it was kept."""


class OfflineError(WeightsError):
    """Weights that would have to be downloaded while that is forbidden."""


class BackendError(OcrxError):
    """A runtime failed."""

    exit_code = 5


class BackendMissing(BackendError):
    """The runtime asked for is not installed or does not load."""


class DeviceMissing(BackendError):
    """The device asked for is not there."""


class PrecisionUnavailable(BackendError):
    """The precision asked for does not exist on that runtime, device and model."""


class NoRoute(BackendError):
    """No artifact of the model is in a format that the runtime takes."""


class ConversionFailed(BackendError):
    """A model could not be turned into the format that a runtime takes."""


class InvalidFeed(BackendError):
    """A session was fed an unknown input, a wrong shape or a wrong dtype."""


class SessionClosed(BackendError):
    """A session or reader was used after it was closed."""


class OutputError(OcrxError):
    """A result could not be written."""

    exit_code = 6


@contextmanager
def plugin_errors(who: str) -> Iterator[None]:
    """Third-party code runs inside: whatever it raises comes out as a PluginError that names it."""
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
    """The answers to many pictures, as a list; raises the first that is an error."""
    found = []
    for answer in answers:
        if isinstance(answer, OcrxError):
            raise answer
        found.append(answer)
    return found
