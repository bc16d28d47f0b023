"""Which readers are open, with pools that read nothing."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from ocrx_cli.asked import Asked
from ocrx_serve.readers import Readers

OWN, ONE, OTHER = (Asked({"layout": name}, {}, "json", {}) for name in ("own", "one", "other"))


class FakePool:
    """A pool that is closed only when it may be."""

    def __init__(self, may_close: threading.Event) -> None:
        self.closed = False
        self._may_close = may_close

    def close(self) -> None:
        self._may_close.wait(10)
        self.closed = True


def test_two_requests_open_one_reader_while_another_gives_way() -> None:
    may_close, opened = threading.Event(), list[tuple[Asked, FakePool]]()

    def open_pool(asked: Asked) -> Any:
        opened.append((asked, FakePool(may_close)))
        return opened[-1][1]

    async def use(readers: Readers, asked: Asked) -> object:
        async with readers.of(asked) as pool:
            return pool

    async def run() -> None:
        own: Any = FakePool(may_close)
        readers = Readers(OWN, own, open_pool, 2)
        await use(readers, ONE)
        both = [asyncio.create_task(use(readers, OTHER)) for _ in range(2)]
        await asyncio.sleep(0.01)
        may_close.set()
        first, second = await asyncio.gather(*both)
        assert first is second

    asyncio.run(run())
    assert [asked for asked, _ in opened] == [ONE, OTHER]
    assert opened[0][1].closed


def test_one_that_could_not_be_opened_gives_way() -> None:
    tried = list[Asked]()

    def open_pool(asked: Asked) -> Any:
        tried.append(asked)
        if asked is ONE:
            raise MemoryError
        return FakePool(threading.Event())

    async def run() -> None:
        own: Any = FakePool(threading.Event())
        readers = Readers(OWN, own, open_pool, 2)

        async def leave() -> None:
            async with readers.of(ONE):
                raise AssertionError

        leaving = asyncio.create_task(leave())
        await asyncio.sleep(0)
        leaving.cancel()  # before it is known that it cannot be opened
        await asyncio.wait([leaving])
        while not tried:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        async with readers.of(OTHER) as pool:
            assert isinstance(pool, FakePool)

    asyncio.run(run())
    assert tried == [ONE, OTHER]
