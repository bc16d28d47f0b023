"""Tesseract's language data: where they are, and which characters they know."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ocrx.errors import WeightsError
from ocrx.system.suggest import did_you_mean

SUFFIX = ".traineddata"
PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata",  # Debian, Ubuntu
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",  # Arch, Alpine
    "/usr/share/tesseract/tessdata",  # Fedora
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "C:/Program Files/Tesseract-OCR/tessdata",
)
"""Where packages put language data."""

OLD, NETWORK = 1, 21
"""The entries of a traineddata file that hold the characters of the old engine, and of the network
(`TessdataType` in Tesseract's src/ccutil/tessdatamanager.h)."""

NO_CHARACTERS = ("NULL", "Joined", "|Broken|0|1")
"""Entries of a unicharset that stand for no character; the first is the space."""


def find_tessdata(option: str, languages: Sequence[str]) -> Path:
    """The folder that has the data of all the languages: `option`, or else TESSDATA_PREFIX, or else
    the first folder of packages that has them. Raises WeightsError."""
    named = option or os.environ.get("TESSDATA_PREFIX", "")
    folders = _named(named) if named else [Path(place) for place in PLACES]
    folders = [folder for folder in folders if folder.is_dir()]
    if named and not folders:
        where = "the option tessdata" if option else "TESSDATA_PREFIX"
        raise WeightsError(
            f"{where} names {named}, which is not a folder",
            "Give the folder that holds files such as eng.traineddata.",
        )
    lacking = {folder: _lacking(folder, languages) for folder in folders}
    if not lacking:
        raise WeightsError(
            f"Tesseract has no language data on this machine (for {', '.join(languages)})",
            _remedy(languages),
        )
    folder = min(lacking, key=lambda one: len(lacking[one]))
    missing = lacking[folder]
    if missing:
        known = installed(folder)
        raise WeightsError(
            f"Tesseract has no data for {', '.join(missing)} in {folder}, only for "
            f"{', '.join(known) or 'nothing'}",
            did_you_mean(missing[0], known) + _remedy(missing),
        )
    return folder


def _named(path: str) -> list[Path]:
    """The folder that a user named. Tesseract 3 wanted the one above."""
    folder = Path(path).expanduser()
    inner = folder / "tessdata"
    return [inner if inner.is_dir() and not installed(folder) else folder]


def installed(folder: Path) -> list[str]:
    """The languages whose data are in a folder, sorted."""
    files = [*folder.glob(f"*{SUFFIX}"), *folder.glob(f"script/*{SUFFIX}")]
    return sorted(file.relative_to(folder).as_posix().removesuffix(SUFFIX) for file in files)


def _lacking(folder: Path, languages: Iterable[str]) -> list[str]:
    return [name for name in languages if not (folder / f"{name}{SUFFIX}").is_file()]


def _remedy(languages: Iterable[str]) -> str:
    packages = " ".join(map(package, languages))
    return (
        f"Install it: apt-get install {packages}. Or point the option tessdata, or "
        f"TESSDATA_PREFIX, at a folder that has it."
    )


def package(language: str) -> str:
    """The Debian package of a language's data. Those of scripts have names of their own
    (tesseract-ocr-script-latn), so a pattern names them all."""
    if language.startswith("script/"):
        return "'tesseract-ocr-script-*'"
    return f"tesseract-ocr-{language.lower().replace('_', '-')}"


def charset(folder: Path, languages: Iterable[str]) -> tuple[str, ...]:
    """The characters that the languages' data know, each once; some are several code points. Raises
    WeightsError for a file that is damaged."""
    found: dict[str, None] = {" ": None}
    for name in languages:
        for text in _unicharsets(folder, name).values():
            found |= dict.fromkeys(_characters(text))
    return tuple(found)


def has_old_engine(folder: Path, languages: Iterable[str]) -> bool:
    """Whether the data of a language hold the engine of Tesseract 3. Raises WeightsError for a file
    that is damaged."""
    return any(OLD in _unicharsets(folder, name) for name in languages)


def _unicharsets(folder: Path, language: str) -> dict[int, str]:
    """The unicharset files within a traineddata file, by their entries. It holds the number of
    entries (int32), where each begins (int64, -1 for none), and the entries."""
    file = folder / f"{language}{SUFFIX}"
    try:
        data = file.read_bytes()
        (count,) = struct.unpack_from("<i", data)
        starts = struct.unpack_from(f"<{count}q", data, 4)
        found = {}
        for entry in (OLD, NETWORK):
            if starts[entry] >= 0:
                end = min((one for one in starts if one > starts[entry]), default=len(data))
                found[entry] = data[starts[entry] : end].decode("utf-8")
    except (OSError, struct.error, IndexError, ValueError) as error:
        raise WeightsError(
            f"{file} is no language data of Tesseract ({error})", "Install it anew."
        ) from error
    return found


def _characters(unicharset: str) -> Iterator[str]:
    """A unicharset has a line for each character after its first line, and the character comes
    first on it."""
    for line in unicharset.split("\n")[1:]:
        character = re.split(r"[ \t]", line, maxsplit=1)[0]
        if character and character not in NO_CHARACTERS:
            yield character
