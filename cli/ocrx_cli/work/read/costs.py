"""Asks before a run that costs money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from ocrx.errors import OcrxError, UsageError
from ocrx.images.document import Blob
from ocrx.images.opening import open_document
from ocrx_cli.terminal.console import confirm, note

Source: TypeAlias = Path | Blob

LARGE = 100
"""From this many pages on, a person has to agree."""


def agreed(sources: Iterable[Source], cost: Callable[[int], str], yes: bool) -> Iterator[Source]:
    """The sources, if reading them costs nothing, is not much, or is agreed to: with `yes`, or by
    the person at the terminal. `cost` says what so many pages cost, "" if nothing.

    Raises UsageError if nobody agrees. Only where it costs are all sources found first, and their
    pages counted.
    """
    if not cost(1):
        yield from sources
        return
    found = list(sources)
    pages = sum(map(_pages, found))
    if pages >= LARGE:
        told = f"reading {pages} pages costs {cost(pages)}"
        if yes:
            note(told)
        elif not confirm(f"{told}. Go on?"):
            raise UsageError(told, "Add --yes to read them.")
    yield from found


def _pages(source: Source) -> int:
    """The pages of a source; 1 for one that cannot be opened, which is told when it is read."""
    try:
        with open_document(source) as document:
            return len(document)
    except OcrxError:
        return 1
