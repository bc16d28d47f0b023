"""The bytes that answer a request: a document of any format that ocrx writes, or lines of JSON."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from ocrx.errors import OcrxError, plugin_errors
from ocrx.interfaces.writing import Writer
from ocrx.output.json import SCHEMA, dumps, page_to_dict
from ocrx_serve.pages import Failed, Outcome, Read
from ocrx_serve.problems import problem

TOLD = 10
"""The most errors that a header tells of; it has the number of all."""

MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "hocr": "text/html; charset=utf-8",
    "alto": "application/xml",
}


def media_type(form: str, writer: Writer) -> str:
    """That of a format, by its name or the suffix of its files."""
    guesses = (
        mimetypes.guess_type(f"page{suffix}")[0] for suffix in (*writer.suffixes, f".{form}")
    )
    return MEDIA_TYPES.get(form) or next(filter(None, guesses), "application/octet-stream")


@dataclass
class Document:
    """A document that `writer`, called `name` in errors, writes. `failed` has the outcomes that
    are no pages."""

    writer: Writer
    name: str
    written: int = 0
    failed: list[Failed] = field(default_factory=list)
    _parts: list[bytes] = field(default_factory=list)
    _begun: object = None

    async def add(self, outcome: Outcome, several: bool) -> None:
        """Write a page, or note its error. `several` says that there are more."""
        if isinstance(outcome, Failed):
            self.failed.append(outcome)
        else:
            await asyncio.to_thread(self._add, outcome, several)

    def content(self) -> bytes:
        """All of it."""
        self._write(self.writer.end)
        return b"".join(self._parts)

    def headers(self) -> dict[str, str]:
        """Those that tell of pages that could not be read."""
        if not self.failed:
            return {}
        told = [one.problem() for one in self.failed[:TOLD]]
        return {"Ocrx-Failed": str(len(self.failed)), "Ocrx-Errors": json.dumps(told)}

    def _add(self, outcome: Read, several: bool) -> None:
        if not self.written:
            self._write(lambda: self.writer.begin(several))
        if self._begun is not outcome.upload:
            self._begun = outcome.upload
            with plugin_errors(self.name):
                self.writer.original(outcome.upload.data)
        image = outcome.image if self.writer.needs_image else None
        self._write(lambda: self.writer.page(outcome.page, image))
        self.written += 1

    def _write(self, make: Callable[[], bytes]) -> None:
        with plugin_errors(self.name):
            self._parts.append(make())


async def lines(outcomes: AsyncIterator[Outcome]) -> AsyncIterator[bytes]:
    """A line of JSON for each page, or its error. An error that ends it all is the last line."""
    try:
        async for outcome in outcomes:
            yield line_of(outcome)
    except OcrxError as error:
        yield _line({"error": problem(error)})


def line_of(outcome: Outcome) -> bytes:
    """The line of one outcome."""
    if isinstance(outcome, Failed):
        return _line({"error": outcome.problem()})
    return _line({**page_to_dict(outcome.page), "pages": outcome.pages})


def _line(members: dict[str, Any]) -> bytes:
    return (dumps({"schema": SCHEMA, **members}) + "\n").encode()
