"""A page as a JPEG, for pictures that browsers cannot show."""

from __future__ import annotations

import asyncio

import cv2
from starlette.requests import Request
from starlette.responses import Response

from ocrx.errors import InputError, UsageError
from ocrx.types import Image
from ocrx_serve.web.patience import Patience
from ocrx_serve.web.service import Service
from ocrx_serve.web.uploads import receive

SIDE = 2400
"""The most pixels of a side."""


async def show(service: Service, request: Request) -> Response:
    """The page of the first picture that the option `page` names, counted from 0."""
    with service.admission.admitted():
        upload = await receive(request, service.limits)
        index = dict(upload.options).get("page") or "0"
        if not index.isdecimal():
            raise UsageError(f"page={index!r} is not the number of a page", "Count from 0.")
        patience = Patience(request, service.limits.seconds)
        try:
            work = service.decoding.decoded(upload.pictures[0], int(index))
            picture, pages = await patience.wait(work)
            shown = await patience.wait(asyncio.to_thread(_jpeg, picture.raster.image))
        except IndexError as error:
            raise InputError(str(error), "Count the pages from 0.") from error
        finally:
            patience.close()
    return Response(shown, media_type="image/jpeg", headers={"Ocrx-Pages": str(pages)})


def _jpeg(image: Image) -> bytes:
    scale = min(1.0, SIDE / max(image.shape[:2]))
    scaled = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR))
    if not done:
        raise InputError("the page cannot be shown", "Read it without looking at it.")
    return encoded.tobytes()
