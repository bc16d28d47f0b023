"""Turns command-line arguments into sources to read: files, folders, patterns and stdin."""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NoReturn, TypeAlias

from ocrx.errors import InputError, OcrxError
from ocrx.images.document import Blob
from ocrx.system.files import reading
from ocrx.system.text import printable

_COMMON = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".tif", ".tiff", ".gif")
_RARE = (".bmp", ".dib", ".webp", ".avif", ".jp2", ".j2k", ".pnm", ".pbm", ".pgm", ".ppm")
_PACKAGED = (".heic", ".heif")
_KNOWN = (*_COMMON, *_RARE, *_PACKAGED, ".pdf")
SUFFIXES = frozenset(_KNOWN)
"""The suffixes of files that are read from folders, in either case."""

OnError: TypeAlias = Callable[[str, OcrxError], None]
STDIN = "-"
_MAGIC = re.compile(r"[*?[]")


def expand(
    arguments: Iterable[str], on_error: OnError | None = None, *, stdin: IO[bytes] | None = None
) -> Iterator[Path | Blob]:
    """Yields the sources to read, in the order of the arguments. Folders are listed lazily.

    - A file is taken whatever its suffix.
    - A folder yields every picture and PDF in it and below, in natural order ("2" before "10"),
      but no hidden files and folders. Links to folders are followed, and each folder is read once.
    - A pattern that is not a file's name (`*`, `?`, `[a-z]`, `**` for any folders) yields what it
      matches, or only pictures and PDFs if its last part has no dot. Folders that it matches are
      read too, unless it contains `**`.
    - "-" yields all of standard input (`stdin`, or the process's own).

    For an argument or folder that cannot be used, `on_error(name, error)` is called with an
    InputError, and the next one follows. Without `on_error` the InputError is raised.
    """
    on_error = on_error or _raise
    stdin_read = False
    for argument in arguments:
        try:
            if argument == STDIN:
                yield _read_stdin(stdin, again=stdin_read)
                stdin_read = True
            else:
                yield from _expand_one(argument, on_error)
        except InputError as error:
            on_error(printable(argument), error)


def is_known(path: Path) -> bool:
    """Whether a file of that name is read from a folder."""
    return path.suffix.lower() in SUFFIXES


def _raise(_: str, error: OcrxError) -> NoReturn:
    raise error


def _read_stdin(stdin: IO[bytes] | None, *, again: bool) -> Blob:
    if again:
        raise InputError("standard input was already read", "Give - once.")
    stream = stdin or getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise InputError("there is no standard input", "Name a file instead of -.")
    with reading(STDIN):
        return Blob(stream.read(), STDIN)


def _expand_one(argument: str, on_error: OnError) -> Iterator[Path]:
    if not argument:
        raise InputError("an empty name is not a picture", "Name a file, a folder or a pattern.")
    path = Path(argument)
    name = printable(argument)
    with reading(name):
        exists = os.path.lexists(path)
    if exists and _is_folder(path):
        yield from _some(_walk, path, f"{name} holds no picture", on_error)
    elif not exists and "://" in argument:
        raise InputError(
            f"{name} is an address, not a file",
            "Download it, or give it to `ocrx batch`, which takes URLs such as s3://BUCKET/FOLDER.",
        )
    elif exists or not _MAGIC.search(argument):
        yield path
    else:
        yield from _some(_match, path, f"no picture matches {name}", on_error)


def _some(
    find: Callable[[Path, OnError], Iterator[Path]], path: Path, otherwise: str, on_error: OnError
) -> Iterator[Path]:
    """Yields what `find` does. Raises InputError if it finds nothing and reports nothing."""
    found = False
    reported: set[str] = set()

    def report_once(name: str, error: OcrxError) -> None:
        # A pattern with ** lists a folder twice: for the folders below it and for its files.
        if name not in reported:
            reported.add(name)
            on_error(name, error)

    for file in find(path, report_once):
        found = True
        yield file
    if not found and not reported:
        raise InputError(otherwise, f"Taken are {' '.join(_KNOWN)}.")


def _walk(folder: Path, on_error: OnError) -> Iterator[Path]:
    return _walk_all(iter([folder]), on_error)


def _walk_all(starts: Iterator[Path], on_error: OnError) -> Iterator[Path]:
    """The files among `starts`, and the known files of folders, depth first and lazily."""
    seen: set[tuple[int, int]] = set()
    levels = [starts]
    while levels:
        path = next(levels[-1], None)
        if path is None:
            levels.pop()
        elif not _is_folder(path):
            yield path
        elif _first_visit(path, seen):
            levels.append(Path(e.path) for e in _entries(path, on_error) if _wanted(e))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    # It is in a folder that may be listed but not entered. Reading it as a file reports that.
    except OSError:
        return False


def _first_visit(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether a folder was not seen under any name before, since links can make a loop."""
    stat = folder.stat()
    key = (stat.st_dev, stat.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _wanted(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a file of a known suffix. Pipes are skipped, because opening one
    can block for ever."""
    try:
        if entry.is_dir():
            return True
        # A broken link is taken, so that it is reported.
        return is_known(Path(entry.name)) and (entry.is_file() or entry.is_symlink())
    except OSError:
        return is_known(Path(entry.name))


def _match(pattern: Path, on_error: OnError) -> Iterator[Path]:
    """The files that a pattern matches, and those of the folders that it matches."""
    parts = pattern.parts[1:] if pattern.anchor else pattern.parts
    anywhere = "**" in parts
    if parts[-1] == "**":
        parts = (*parts, "*")
    any_suffix = "." in parts[-1]

    def taken(path: Path) -> bool:
        return not anywhere if _is_folder(path) else any_suffix or is_known(path)

    return _walk_all(filter(taken, _glob(Path(pattern.anchor), parts, on_error)), on_error)


def _glob(base: Path, parts: tuple[str, ...], on_error: OnError) -> Iterator[Path]:
    """The matching paths below `base` in natural order. Hidden ones match only a part that begins
    with a dot."""
    if not parts:
        yield base
        return
    head, rest = parts[0], parts[1:]
    if head == "**":
        for folder in _folders(base, on_error):
            yield from _glob(folder, rest, on_error)
    elif os.path.lexists(base / head):
        yield from _glob(base / head, rest, on_error)
    elif _MAGIC.search(head) and _is_folder(base):
        for entry in _entries(base, on_error, hidden=head.startswith(".")):
            if fnmatch.fnmatch(entry.name, head):
                yield from _glob(base / entry.name, rest, on_error)


def _folders(base: Path, on_error: OnError) -> Iterator[Path]:
    """A folder and all folders below it. Links are not followed, as in a shell."""
    levels = [iter([base])]
    while levels:
        path = next(levels[-1], None)
        if path is None:
            levels.pop()
        elif _is_folder(path):
            yield path
            inner = [e for e in _entries(path, on_error) if e.is_dir(follow_symlinks=False)]
            levels.append(iter([Path(e.path) for e in inner]))


def _entries(folder: Path, on_error: OnError, *, hidden: bool = False) -> list[os.DirEntry[str]]:
    """A folder's entries in natural order. One that cannot be listed is reported and has none."""
    name = printable(str(folder))
    try:
        with reading(name), os.scandir(folder) as entries:
            return sorted((e for e in entries if hidden or e.name[0] != "."), key=_natural)
    except InputError as error:
        on_error(name, error)
        return []


def _natural(entry: os.DirEntry[str]) -> tuple[str, str]:
    """A sort key that compares numbers by value: "page 2" comes before "page 10"."""
    padded = re.sub(r"\d+", lambda digits: digits[0].zfill(20), entry.name.casefold())
    return padded, entry.name
