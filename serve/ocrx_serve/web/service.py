"""What all requests share, and the work of one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.requests import Request

from ocrx.errors import UsageError
from ocrx.images.document import Blob
from ocrx.plugins.registry import Registry
from ocrx.reading.assembly import Assembly
from ocrx.reading.lasting import LastingReader
from ocrx.reading.options import check_options
from ocrx.reading.reader import Reader
from ocrx.system.cpus import available_cpus
from ocrx.weights.store import Store
from ocrx_cli.asked import Asked, Given, asked
from ocrx_serve.asked import ReadOptions
from ocrx_serve.limits import Limits
from ocrx_serve.pages import Decoding, Failed, Outcome
from ocrx_serve.policy import check_request
from ocrx_serve.pool import Pool
from ocrx_serve.readers import Readers
from ocrx_serve.web.admission import Admission
from ocrx_serve.web.answers import Document
from ocrx_serve.web.metrics import Metrics
from ocrx_serve.web.patience import Patience
from ocrx_serve.web.uploads import receive

TIMEOUT = "timeout"
"""The option of a request that shortens its deadline, in seconds."""


@dataclass(frozen=True)
class Rules:
    """What the operator allows: `key` is what clients must know, "" nothing; `origins` are those of
    other sites' pages. `allowed` options may be any text, as `policy` has it, `paid` says whether
    requests may cost money."""

    key: str = ""
    origins: Sequence[str] = ()
    allowed: Collection[str] = ()
    paid: bool = False


@dataclass
class Job:
    """One request: its pictures, what it asks for, and who reads it."""

    uploads: Sequence[Blob]
    asked: Asked
    pool: Pool
    patience: Patience
    decoding: Decoding
    metrics: Metrics

    async def outcomes(self, *, keep_images: bool = False) -> AsyncGenerator[Outcome, None]:
        """Each page, or its error. Raises TooMuch, TooLate, ClientDisconnect."""
        outcomes = self.decoding.read(self.uploads, self.pool, keep_images)
        try:
            async for outcome in self.patience.each(outcomes):
                if isinstance(outcome, Failed):
                    self.metrics.pages.labels("failed").inc()
                else:
                    self.metrics.count(outcome.page)
                yield outcome
        finally:
            await outcomes.aclose()


class Service:
    """Opens the reader of `own`, the options that the service was started with.

    Raises what Reader raises.
    """

    def __init__(self, own: Given, registry: Registry, limits: Limits, rules: Rules) -> None:
        self.options = ReadOptions()
        """Those that requests may give."""
        self.registry = registry
        """What there is to choose from."""
        self.limits = limits
        """Of requests."""
        self.rules = rules
        """Of the operator."""
        self.metrics = Metrics()
        """Its figures."""
        self.admission = Admission(limits.queue)
        """How many requests are under way."""
        self.decoding = Decoding(limits, available_cpus())
        """Of all pictures."""
        self._own = own
        own_asked = asked(own)
        first = self._pool(
            lambda: Reader(**own_asked.reader, options=own_asked.settings, registry=registry)
        )
        self.readers = Readers(own_asked, first, self._opened, limits.readers)
        """Those that are open."""
        self.metrics.watch(self.admission, self.readers)

    @asynccontextmanager
    async def job(self, request: Request) -> AsyncIterator[Job]:
        """The work of a request, from its upload on. Raises Refusal, OcrxError for what is asked
        for, and starlette's ClientDisconnect."""
        async with AsyncExitStack() as stack:
            stack.enter_context(self.admission.admitted())
            upload = await receive(request, self.limits)
            seconds, options = self._deadline(upload.options)
            wanted = self._asked(options)
            patience = Patience(request, seconds)
            stack.callback(patience.close)
            pool = await patience.wait(stack.enter_async_context(self.readers.of(wanted)))
            yield Job(upload.pictures, wanted, pool, patience, self.decoding, self.metrics)

    def document(self, wanted: Asked) -> Document:
        """The document that the request asks for. Raises UnknownName, UnknownOption."""
        assembly = Assembly(self.registry, Store(offline=True), wanted.for_writer)
        check_options(wanted.for_writer, {"writer": [wanted.form]})
        return Document(assembly.writer(wanted.form), assembly.name_of("writer", wanted.form))

    async def close(self) -> None:
        """Close all readers, after what they read."""
        await self.readers.close()
        self.decoding.close()

    def _asked(self, options: Sequence[tuple[str, str]]) -> Asked:
        given = self.options.of_request(options)
        check_request(asked(given), self.registry, self.rules.allowed)
        wanted = asked({**self._own, **given})
        self.document(wanted)  # refused now, not when all is read
        return wanted

    def _deadline(self, options: Sequence[tuple[str, str]]) -> tuple[float, list[tuple[str, str]]]:
        """The seconds that the request has, and its other options."""
        asked = [_seconds(value) for name, value in options if name == TIMEOUT and value]
        return (
            min([self.limits.seconds, *asked]),
            [(name, value) for name, value in options if name != TIMEOUT],
        )

    def _opened(self, wanted: Asked) -> Pool:
        """A pool for what a request asks for, with what is on this machine."""
        given = {**wanted.reader, "offline": True}

        def opened() -> Reader:
            reader = Reader(**given, options=wanted.settings, registry=self.registry)
            if not self.rules.paid and (cost := reader.cost(1)):
                reader.close()
                raise UsageError(
                    f"reading a page so costs {cost}", "Start the service with --yes to allow it."
                )
            return reader

        return self._pool(opened)

    def _pool(self, opened: Callable[[], Reader]) -> Pool:
        reader = LastingReader(opened, self.limits.memory)
        return Pool(reader, self.limits.window, self.limits.batch, self.metrics.batches.observe)


def _seconds(value: str) -> float:
    """The seconds that a timeout has. Raises UsageError for what is not more than none."""
    with suppress(ValueError):
        if (seconds := float(value)) > 0:  # "nan" is not
            return seconds
    raise UsageError(f"timeout={value!r} is no number of seconds", "Give a number above 0.")
