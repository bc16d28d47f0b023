"""The client of the service, with credentials by Google's own means alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ocrx.errors import BackendMissing
from ocrx_google_vision.settings import GoogleVisionOptions

MESSAGE_BYTES = 64 << 20
"""The longest answer that is taken."""


def make_client(options: GoogleVisionOptions) -> Any:
    """A `vision.ImageAnnotatorClient`. Raises BackendMissing without its package, or without
    credentials."""
    try:
        vision: Any = import_module("google.cloud.vision")
    except ImportError as error:
        raise BackendMissing(
            f"Google Vision is called by google-cloud-vision, which cannot be imported ({error})",
            "Install it: pip install 'ocrx[google-vision]'.",
        ) from error
    if options.insecure:
        return _insecure(vision, options.endpoint)
    from google.auth.exceptions import GoogleAuthError

    where = {"api_endpoint": options.endpoint} if options.endpoint else None
    try:
        return vision.ImageAnnotatorClient(client_options=where)
    except GoogleAuthError:  # whose text may quote a file of credentials
        raise BackendMissing(
            "Google Vision found no credentials that it can use",
            "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to "
            "the path of a key file.",
        ) from None


def _insecure(vision: Any, endpoint: str) -> Any:
    import grpc

    transport = vision.ImageAnnotatorClient.get_transport_class("grpc")
    limit = [("grpc.max_receive_message_length", MESSAGE_BYTES)]
    channel = grpc.insecure_channel(endpoint, options=limit)
    return vision.ImageAnnotatorClient(transport=transport(channel=channel))
