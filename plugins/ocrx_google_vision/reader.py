"""Google's Cloud Vision API as a page reader."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.errors import OcrxError, SessionClosed
from ocrx.interfaces.components import PageReader
from ocrx.types import Image, Page, Used
from ocrx_google_vision.calls import Service
from ocrx_google_vision.client import make_client
from ocrx_google_vision.pictures import Encoded, encode
from ocrx_google_vision.results import page_of
from ocrx_google_vision.settings import GoogleVisionOptions

FREE = 1000
"""Pictures in a month that cost nothing (https://cloud.google.com/vision/pricing)."""


class GoogleVisionReader(PageReader):
    """Sends pages to Google's Cloud Vision API, up to 16 in a request, and reads what it answers.

    A picture that the service does not take has an error of its own. One that it has no time for
    is sent again, after waits that become longer.
    """

    thread_safe = True

    def __init__(self, options: GoogleVisionOptions) -> None:
        """Raises BackendMissing without google-cloud-vision or without credentials."""
        self._options = options
        self._client = make_client(options)
        self._service = Service(self._client, options)
        self._closed = False
        where = options.endpoint or "vision.googleapis.com"
        model = f"{options.feature} {options.model}".rstrip()
        self.used = (Used("page", model, "google-vision", where, "none"),)

    def read(self, pages: Sequence[Image]) -> list[Page | OcrxError]:
        """Raises BackendMissing if the service refuses its caller, SessionClosed after `close`."""
        if self._closed:
            raise SessionClosed("this Google Vision is closed", "Open a new one.")
        encoded = [encode(page, self._options.encoding) for page in pages]
        answers = iter(self._service.annotate([e for e in encoded if isinstance(e, Encoded)]))
        results: list[Page | OcrxError] = []
        for page, sent in zip(pages, encoded, strict=True):
            answer = next(answers) if isinstance(sent, Encoded) else sent
            if isinstance(sent, Encoded) and not isinstance(answer, OcrxError):
                answer = page_of(answer, page, sent.notes)
            results.append(answer)
        return results

    def cost(self, pages: int) -> str:
        price = pages * self._options.price / 1000
        return (
            f"about {price:.2f} US dollars at {self._options.price:g} for a thousand, of which "
            f"Google asks nothing for the first {FREE} in a month"
        )

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._client.transport.close()
