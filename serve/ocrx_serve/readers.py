"""Open readers, one for each set of options that requests ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ocrx_cli.asked import Asked
from ocrx_serve.pool import Pool
from ocrx_serve.problems import Busy


@dataclass
class _Held:
    """A pool that is open or being opened, and how many requests use it."""

    opening: asyncio.Task[Pool]
    users: int = 0


class Readers:
    """Opens pools by what is asked for, and keeps up to `most`. The one of the service itself is
    always kept; of the others, the one that was not used for longest gives way."""

    def __init__(self, own: Asked, pool: Pool, opened: Callable[[Asked], Pool], most: int) -> None:
        self._own = own.key
        self._pool = pool
        self._opened = opened
        self._most = most
        self._held: dict[str, _Held] = {}

    def __len__(self) -> int:
        return len(self._held) + 1

    @asynccontextmanager
    async def of(self, asked: Asked) -> AsyncIterator[Pool]:
        """The pool for it, opened if it is not. Raises what opening it raises, and Busy if all
        that may be open are in use."""
        if asked.key == self._own:
            yield self._pool
            return
        held = self._held.pop(asked.key, None) or self._new(asked)
        self._held[asked.key] = held  # now the last one used
        held.users += 1
        try:
            yield await asyncio.shield(held.opening)
        except BaseException:
            if held.opening.done() and (held.opening.cancelled() or held.opening.exception()):
                self._held.pop(asked.key, None)
            raise
        finally:
            held.users -= 1

    async def close(self) -> None:
        """Close all pools, after what they read."""
        held = [*self._held.values()]
        self._held.clear()
        opened = await asyncio.gather(*(one.opening for one in held), return_exceptions=True)
        pools = [one for one in opened if isinstance(one, Pool)]
        await asyncio.gather(*(asyncio.to_thread(one.close) for one in [self._pool, *pools]))

    def _new(self, asked: Asked) -> _Held:
        """One that is being opened, in the place of one that nobody uses if there are too many.
        Without a pause, so that two requests for the same one do not both open it."""
        gone: _Held | None = None
        if len(self) >= self._most:
            idle = [key for key, one in self._held.items() if not one.users and one.opening.done()]
            if not idle:
                raise Busy(5)
            gone = self._held.pop(idle[0])
        return _Held(asyncio.create_task(self._open(asked, gone)))

    async def _open(self, asked: Asked, gone: _Held | None) -> Pool:
        if gone is not None and not (gone.opening.cancelled() or gone.opening.exception()):
            await asyncio.to_thread(gone.opening.result().close)
        return await asyncio.to_thread(self._opened, asked)
