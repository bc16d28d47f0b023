"""What the service gives to one request, and to all together."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.system.memory import MOST


@dataclass(frozen=True)
class Limits:
    """`upload` is the most bytes of a request, `pixels` those of a page, `pages` of a request.

    `queue` is the most requests at once, read or waiting; `readers` the most sets of options that
    are kept open. A request may take `upload_seconds` to arrive and `seconds` to be read, a page of
    a PDF `page_seconds` to be drawn. Pictures that come within `window` seconds share batches of
    up to `batch`. `ahead` pages of a request are decoded before their turn, and `decoded` of all
    requests. If the process holds more than `memory` bytes, readers are opened anew.
    """

    upload: int = 50_000_000
    pixels: int = 50_000_000
    pages: int = 200
    queue: int = 32
    readers: int = 4
    seconds: float = 60.0
    upload_seconds: float = 30.0
    page_seconds: float = 20.0
    window: float = 0.004
    batch: int = 32
    ahead: int = 8
    decoded: int = 32
    memory: int = MOST
