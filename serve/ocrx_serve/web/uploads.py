"""Takes in the pictures and options of a request, within its limits. Nothing touches the disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from ocrx.errors import UsageError
from ocrx.images.document import Blob
from ocrx.images.sources import STDIN
from ocrx_serve.limits import Limits
from ocrx_serve.problems import Encoded, SlowUpload, TooMuch

FIELDS = 100
"""The most options in a form."""
FIELD_BYTES = 10_000


@dataclass(frozen=True)
class Upload:
    """The pictures of a request, and its options as they were given: name and value."""

    pictures: list[Blob]
    options: list[tuple[str, str]]


async def receive(request: Request, limits: Limits) -> Upload:
    """Take in a request: a form of files and options, or a single picture as its whole body.

    Raises TooMuch, SlowUpload, Encoded, UsageError for a malformed form and for no picture, and
    starlette's ClientDisconnect.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Encoded("the request is compressed", "Send it without Content-Encoding.")
    options = list(request.query_params.multi_items())
    try:
        form = _form if _is_form(request) else _raw
        upload = await asyncio.wait_for(form(request, limits), limits.upload_seconds)
    except asyncio.TimeoutError:
        raise SlowUpload(
            f"the request did not arrive within {limits.upload_seconds:g} s",
            "Send less, or over a faster line.",
        ) from None
    if not upload.pictures:
        raise UsageError(
            "the request has no picture", "Send one as the body, or as the file of a form."
        )
    return Upload(upload.pictures, [*options, *upload.options])


def _is_form(request: Request) -> bool:
    return str(request.headers.get("content-type", "")).lower().startswith("multipart/form-data")


async def _raw(request: Request, limits: Limits) -> Upload:
    body = bytearray()
    async for chunk in _limited(request, limits.upload):
        body += chunk
    return Upload([Blob(bytes(body), STDIN)] if body else [], [])


async def _form(request: Request, limits: Limits) -> Upload:
    parser = MultiPartParser(
        request.headers,
        _limited(request, limits.upload),
        max_files=limits.pages,
        max_fields=FIELDS,
        max_part_size=FIELD_BYTES,
    )
    parser.spool_max_size = limits.upload + 1  # all of it stays in memory
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, UnicodeError) as error:
        reason = getattr(error, "message", None) or "it cannot be parsed"
        raise UsageError(
            f"the form is malformed: {reason}", "Send multipart/form-data with a boundary."
        ) from error
    pictures, options = [], []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            pictures.append(Blob(await value.read(), value.filename or STDIN))
        else:
            options.append((name, value))
    await form.close()
    return Upload([one for one in pictures if one.data or one.name != STDIN], options)


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Raises TooMuch as soon as it is known to be larger."""
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isdecimal() else 0
    if size <= most:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                break
            yield chunk
    if size > most:
        raise TooMuch(
            f"the request has more than {most / 1e6:g} MB", "Send less, in several requests."
        )
