"""Calls the service: again after a wait for what may pass, and with an error for each picture that
fails for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ocrx.errors import BackendError, BackendMissing, InputError, OcrxError, TransientError
from ocrx_google_vision.pictures import Encoded, requests
from ocrx_google_vision.settings import GoogleVisionOptions

INVALID, DEADLINE, REFUSED, EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, UNKNOWN_CALLER = (
    3, 4, 7, 8, 10, 13, 14, 16
)  # fmt: skip
"""Codes of google.rpc.Code."""

PASSING = (DEADLINE, EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE)
LONGEST_WAIT = 60.0
"""Seconds that are waited at most, even if the service asks for more."""


@dataclass(frozen=True)
class Failure:
    """Why a picture was not read: the code, what the service said, and the seconds that it asks to
    wait; 0 if it does not."""

    code: int
    message: str
    delay: float = 0.0


class Service:
    """Sends pictures to the service. Threads may share it."""

    def __init__(self, client: Any, options: GoogleVisionOptions) -> None:
        self._client = client
        self._options = options
        self.wait: Callable[[float], Any] = threading.Event().wait

    def annotate(self, pictures: Sequence[Encoded]) -> list[Any]:
        """For each picture the service's `AnnotateImageResponse`, or an OcrxError.

        Raises BackendMissing if the service refuses its caller, which concerns all pictures.
        """
        answers: list[Any] = [None] * len(pictures)
        waiting = list(range(len(pictures)))
        for attempt in range(self._options.tries):
            if attempt:
                asked = max(answers[index].delay for index in waiting)
                self.wait(min(max(self._options.wait * 2 ** (attempt - 1), asked), LONGEST_WAIT))
            self._send(pictures, waiting, answers)
            waiting = [index for index in waiting if _passes(answers[index])]
            if not waiting:
                break
        return [_error(one) if isinstance(one, Failure) else one for one in answers]

    def _send(self, pictures: Sequence[Encoded], which: Sequence[int], answers: list[Any]) -> None:
        """Fill in the answers for some of the pictures."""
        for group in requests([len(pictures[index].content) for index in which]):
            indices = [which[place] for place in group]
            found = self._request([pictures[index] for index in indices])
            if isinstance(found, Failure) and found.code == INVALID and len(indices) > 1:
                for index in indices:  # one of them may be why all were refused
                    self._send(pictures, [index], answers)
                continue
            if isinstance(found, Failure):
                found = [found] * len(indices)
            for index, answer in zip(indices, found, strict=True):
                answers[index] = answer

    def _request(self, pictures: Sequence[Encoded]) -> list[Any] | Failure:
        """The response or the Failure of each picture; one Failure if the request as a whole
        failed."""
        from google.api_core.exceptions import GoogleAPICallError, RetryError
        from google.auth.exceptions import GoogleAuthError

        try:
            reply = self._client.batch_annotate_images(
                request=self._message(pictures), timeout=self._options.timeout, retry=None
            )
        except GoogleAPICallError as error:
            return _failure_of_call(error)
        except RetryError as error:
            return Failure(DEADLINE, str(error.message))
        except GoogleAuthError:
            raise _refused("its credentials were not accepted") from None
        found = [
            Failure(one.error.code, one.error.message) if one.error.code else one
            for one in reply.responses
        ]
        if len(found) != len(pictures):
            return Failure(0, f"it answered {len(found)} of {len(pictures)} pictures")
        return found

    def _message(self, pictures: Sequence[Encoded]) -> dict[str, Any]:
        options = self._options
        kind = "DOCUMENT_TEXT_DETECTION" if options.feature == "document" else "TEXT_DETECTION"
        feature = {"type_": kind, "model": options.model}
        context = {
            "language_hints": options.hints,
            "text_detection_params": {"enable_text_detection_confidence_score": True},
        }
        return {
            "parent": options.parent,
            "requests": [
                {
                    "image": {"content": picture.content},
                    "features": [feature],
                    "image_context": context,
                }
                for picture in pictures
            ],
        }


def _passes(answer: Any) -> bool:
    return isinstance(answer, Failure) and answer.code in PASSING


def _failure_of_call(error: Any) -> Failure:
    """The failure of a request. Raises BackendMissing if the caller is refused."""
    code = error.grpc_status_code.value[0] if error.grpc_status_code else int(error.code or 0)
    message = " ".join(str(error.message).split())
    if "metadata from plugin" in message:  # the credentials could not be renewed
        raise _refused("its credentials were not accepted") from None
    if code in (REFUSED, UNKNOWN_CALLER):
        raise _refused(message) from None
    delays = [detail.retry_delay for detail in error.details if hasattr(detail, "retry_delay")]
    return Failure(code, message, max((one.seconds + one.nanos / 1e9 for one in delays), default=0))


def _refused(message: str) -> BackendMissing:
    return BackendMissing(
        f"Google Vision refuses this caller: {message.rstrip('.')}",
        "Check that the Cloud Vision API and billing are on for the project, and that the account "
        "of `gcloud auth application-default print-access-token` may use it.",
    )


def _error(failure: Failure) -> OcrxError:
    said = failure.message.rstrip(".")
    if failure.code == EXHAUSTED:
        return TransientError(
            f"Google Vision's quota is used up: {said}",
            "Wait, or ask for more at https://console.cloud.google.com/iam-admin/quotas.",
            retry_after=failure.delay,
        )
    if failure.code in PASSING:
        return TransientError(
            f"Google Vision did not answer: {said}",
            "Try again later, or with a longer timeout.",
            retry_after=failure.delay,
        )
    if failure.code in (REFUSED, UNKNOWN_CALLER):
        return _refused(said)
    if failure.code == INVALID:
        return InputError(
            f"Google Vision does not take the picture: {said}",
            "Convert it to a plain RGB picture of fewer pixels, or leave it out.",
        )
    return BackendError(
        f"Google Vision failed (code {failure.code}): {said}",
        "Try again; https://status.cloud.google.com says whether the service has a fault.",
    )
