"""A folder into which pictures come."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ocrx.images.sources import is_known
from ocrx.reading.pictures import Picture, pictures_of
from ocrx.system.files import reading
from ocrx.system.text import printable
from ocrx_watch.sources.source import Arrival, Frame, Moment, Source, Unread

POLL = 0.2
"""Seconds between two looks at the folder, and five times what a look takes if that is longer.
Looking works on every file system; those of a network tell nobody of new files."""

PATIENCE = 5.0
"""Seconds in which a file may still grow into a picture that can be read."""


class Stamp(NamedTuple):
    """When a file was changed, in nanoseconds, its size, and which file it is."""

    time: int
    size: int
    inode: int


class Waiting(NamedTuple):
    """A file that is new or changed, and since when it is as it is."""

    stamp: Stamp
    since: float


Listing: TypeAlias = dict[Path, Stamp]


class Folder(Source):
    """New pictures and documents in a folder and below it, each once it is finished: when it has
    not changed between two looks, and can be read. One that is written again is read again.

    Those that are there at the start are read if `existing`. Raises InputError if there is no such
    folder, now or later.
    """

    moving = False

    def __init__(self, path: Path, existing: bool) -> None:
        self._path = path
        found = self._listing()
        self._read: Listing = {} if existing else found
        self._waiting: dict[Path, Waiting] = {}
        self._number = 0

    def frames(self, stop: threading.Event) -> Iterator[Arrival]:
        while not stop.is_set():
            started = time.monotonic()
            finished = self._finished()
            looked = time.monotonic() - started
            for path, waiting in finished:
                if stop.is_set():
                    break
                yield from self._pictures(path, waiting)
            stop.wait(max(POLL, 5 * looked))
        self.left = len(self._waiting)

    def _finished(self) -> list[tuple[Path, Waiting]]:
        """Those that did not change since the last look, the oldest first."""
        found, now = self._listing(), time.monotonic()
        self._read = {path: stamp for path, stamp in self._read.items() if path in found}
        before, self._waiting = self._waiting, {}
        for path, stamp in found.items():
            if self._read.get(path) == stamp:
                continue
            known = before.get(path)
            same = known is not None and known.stamp == stamp
            self._waiting[path] = known if known and same else Waiting(stamp, now)
        finished = [(path, one) for path, one in self._waiting.items() if one.since < now]
        return sorted(finished, key=lambda pair: (pair[1].stamp.time, str(pair[0])))

    def _pictures(self, path: Path, waiting: Waiting) -> Iterator[Arrival]:
        """What is in a file; nothing if it can only be read later."""
        pictures = pictures_of([path])
        first = next(pictures)
        young = time.monotonic() - waiting.since < PATIENCE
        if not isinstance(first, Picture) and young:
            return
        self._read[path] = waiting.stamp
        self._waiting.pop(path, None)
        for item in chain([first], pictures):
            if isinstance(item, Picture):
                taken = waiting.stamp.time / 1e9
                moment = Moment(item.source, self._number, item.index, taken)
                yield Frame(item, moment, waiting.since)
                self._number += 1
            else:
                yield Unread(*item)

    def _listing(self) -> Listing:
        """The files below the folder that may be pictures, but no hidden ones."""
        found: Listing = {}
        with reading(printable(str(self._path))):
            inner = _add_all(found, self._path)
        while inner:
            with suppress(OSError):  # it was removed since, or is not ours to read
                inner += _add_all(found, inner.pop())
        return found


def _add_all(found: Listing, folder: Path) -> list[Path]:
    """Adds the files of a folder, and returns the folders in it."""
    inner = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                inner.append(Path(entry.path))
            elif is_known(Path(entry.name)):
                _add(found, entry)
    return inner


def _add(found: Listing, entry: os.DirEntry[str]) -> None:
    try:
        stat = entry.stat()
    except FileNotFoundError:  # it was removed since the folder was listed
        return
    found[Path(entry.path)] = Stamp(stat.st_mtime_ns, stat.st_size, stat.st_ino)
