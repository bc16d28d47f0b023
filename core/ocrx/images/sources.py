"""Command-line arguments into sources to read: files, folders, globs and stdin."""

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
"""What is taken from a folder, in small or capital letters."""

OnError: TypeAlias = Callable[[str, OcrxError], None]
STDIN = "-"
_MAGIC = re.compile(r"[*?[]")


def expand(
    arguments: Iterable[str], on_error: OnError | None = None, *, stdin: IO[bytes] | None = None
) -> Iterator[Path | Blob]:
    """What to read, in the order of the arguments, found as it is asked for.

    - a file is taken, whatever its suffix;
    - a folder gives every picture and PDF in it and below, in natural order ("2" before "10"),
      without hidden files and folders; links to folders are followed, each folder read once;
    - a pattern that is no file's name (`*`, `?`, `[a-z]`, `**` for any folders) gives what it
      matches, or only pictures and PDFs if its last part has no dot; folders that it matches are
      read too, unless it has `**`;
    - "-" gives all of stdin (`stdin`, or the process's own).

    An argument or folder that cannot be used is handed to `on_error(name, error)` as an InputError
    and the others follow; without `on_error` it is raised.
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
    """Whether a folder's file of that name is taken."""
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
        raise InputError("an empty name is no picture", "Name a file, a folder or a pattern.")
    path = Path(argument)
    name = printable(argument)
    with reading(name):
        exists = os.path.lexists(path)
    if exists and _is_folder(path):
        yield from _some(_walk, path, f"{name} holds no picture", on_error)
    elif exists or not _MAGIC.search(argument):
        yield path
    else:
        yield from _some(_match, path, f"no picture matches {name}", on_error)


def _some(
    find: Callable[[Path, OnError], Iterator[Path]], path: Path, otherwise: str, on_error: OnError
) -> Iterator[Path]:
    """What `find` finds; an InputError if that, and what it reports, is nothing."""
    found = False
    reported: set[str] = set()

    def report_once(name: str, error: OcrxError) -> None:
        # A pattern with ** lists a folder twice: for what is below it, and for what is in it.
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
    """Files as given, and the known ones of folders; depth first, one folder listed at a time."""
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
    # Inside a folder that may be listed but not entered. As a file, it will be reported.
    except OSError:
        return False


def _first_visit(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether a folder is new, by whatever name: links can make a loop."""
    stat = folder.stat()
    key = (stat.st_dev, stat.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _wanted(entry: os.DirEntry[str]) -> bool:
    """Folders, and files of a known suffix; no pipes, since opening one can wait for ever."""
    try:
        if entry.is_dir():
            return True
        # A link that leads nowhere is taken, so that its loss is reported.
        return is_known(Path(entry.name)) and (entry.is_file() or entry.is_symlink())
    except OSError:
        return is_known(Path(entry.name))


def _match(pattern: Path, on_error: OnError) -> Iterator[Path]:
    """What a pattern matches."""
    parts = pattern.parts[1:] if pattern.anchor else pattern.parts
    anywhere = "**" in parts
    if parts[-1] == "**":
        parts = (*parts, "*")
    any_suffix = "." in parts[-1]

    def taken(path: Path) -> bool:
        return not anywhere if _is_folder(path) else any_suffix or is_known(path)

    return _walk_all(filter(taken, _glob(Path(pattern.anchor), parts, on_error)), on_error)


def _glob(base: Path, parts: tuple[str, ...], on_error: OnError) -> Iterator[Path]:
    """Paths below `base` that match, in natural order. Hidden ones only where a part starts so."""
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
    """A folder and all below it; links are not followed, as in a shell."""
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
    """A folder's entries in natural order; none if it may not be listed, which is reported."""
    name = printable(str(folder))
    try:
        with reading(name), os.scandir(folder) as entries:
            return sorted((e for e in entries if hidden or e.name[0] != "."), key=_natural)
    except InputError as error:
        on_error(name, error)
        return []


def _natural(entry: os.DirEntry[str]) -> tuple[str, str]:
    """Numbers by value: "page 2" before "page 10"."""
    padded = re.sub(r"\d+", lambda digits: digits[0].zfill(20), entry.name.casefold())
    return padded, entry.name
