"""What is to be read: files, folders, patterns, URLs, and lists of these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ocrx.errors import InputError, UsageError
from ocrx.images.sources import STDIN, OnError, expand
from ocrx.system.files import reading
from ocrx.system.text import printable
from ocrx_batch.engine import Shard
from ocrx_batch.urls import expand_url, is_url

MOST = 512
"""The most sources of a shard, unless the user says otherwise."""
SHARDS = 64
"""With fewer sources, shards are smaller, so that this many workers have something to do."""


def names_of(arguments: Iterable[str], on_error: OnError) -> list[str]:
    """The paths and URLs to read, in order, each once. `on_error` is told of each argument that
    cannot be used."""
    return list(dict.fromkeys(_expanded(arguments, on_error)))


def listed(files: Sequence[Path]) -> Iterator[str]:
    """The lines of files that are not empty. Raises InputError."""
    for file in files:
        name = printable(str(file))
        with reading(name), file.open(encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                if "\0" in line:  # as in pictures, and in no path
                    raise InputError(
                        f"{name} is no list of files",
                        "Give a path or URL on each line.",
                    )
                if line.strip():
                    yield line.rstrip("\r\n")


def shard_size(sources: int) -> int:
    """How many sources a shard should have, of so many. It depends on nothing else, so that every
    engine makes the same shards."""
    return max(1, min(MOST, sources // SHARDS))


def shards_of(sources: Sequence[str], size: int, done: set[str]) -> Iterator[Shard]:
    """Shards of the sources that are not done. Each holds some of `size` sources that follow each
    other, so that a run that goes on makes the same ones."""
    for number, start in enumerate(range(0, len(sources), size)):
        left = tuple(one for one in sources[start : start + size] if one not in done)
        if left:
            yield Shard(number, left)


def _expanded(arguments: Iterable[str], on_error: OnError) -> Iterator[str]:
    for argument in arguments:
        try:
            if is_url(argument):
                yield from expand_url(argument)
            elif argument == STDIN:
                raise UsageError(
                    "a batch cannot read a picture from standard input",
                    "Use `ocrx read -`, or name files.",
                )
            else:
                yield from map(str, expand([argument], on_error))
        except InputError as error:
            on_error(printable(argument), error)
