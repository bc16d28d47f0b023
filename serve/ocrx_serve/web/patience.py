"""How long a request is worked on: until its deadline, and while its client is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from ocrx_serve.problems import TooLate

T = TypeVar("T")


class Patience:
    """Waits for work, which is cancelled if the client leaves, or after `seconds`. Begin it when
    the request's body has been received, and close it."""

    def __init__(self, request: Request, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._gone = asyncio.ensure_future(_departure(request))

    @property
    def left(self) -> float:
        """Seconds until the deadline; 0 after it."""
        return max(0.0, self._until - time.monotonic())

    async def wait(self, work: Awaitable[T]) -> T:
        """What the work returns. Raises TooLate, and starlette's ClientDisconnect."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait(
                {task, self._gone}, timeout=self.left, return_when=asyncio.FIRST_COMPLETED
            )
            if task.done():
                return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._gone.done():
            raise ClientDisconnect
        raise TooLate(
            f"the request was not read within {self._seconds:g} s",
            "Send fewer or smaller pages, or try again later.",
        )

    async def each(self, items: AsyncIterator[T]) -> AsyncIterator[T]:
        """The items as they come. Raises as `wait`."""
        while True:
            try:
                item = await self.wait(items.__anext__())
            except StopAsyncIteration:
                return
            yield item

    def close(self) -> None:
        """Stop looking for the client."""
        self._gone.cancel()


async def _departure(request: Request) -> None:
    """Returns when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
