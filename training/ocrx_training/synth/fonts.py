"""Fonts under free licences: which ones are used, for what, and where they come from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from ocrx.errors import InputError, UsageError
from ocrx.system.text import printable

Role: TypeAlias = Literal["sans", "mono", "narrow", "serif", "technical", "stencil"]
"""What a font is used for. "technical" are those of engravers and drawings, "narrow" those of
plates."""
ROLES: tuple[Role, ...] = get_args(Role)

Split: TypeAlias = Literal["all", "train", "held-out"]
"""Which fonts and surfaces are used: those to train with, those kept back to test with, or all."""

SUFFIXES = (".ttf", ".otf", ".ttc")
BUILT_IN = "Aileron"
"""The font that Pillow carries."""


@dataclass(frozen=True)
class Family:
    """A family of fonts. Its files begin with `prefix`, written without spaces, - and _."""

    prefix: str
    roles: tuple[Role, ...]
    licence: str
    origin: str
    held_out: bool = False


LIBERATION = "OFL-1.1, before 2.0 GPL-2.0 with font exception"
FREEFONT = "GPL-3.0 with font exception"
DEBIAN, NPM = "apt: fonts-", "npm: @expo-google-fonts/"

FAMILIES = (
    Family("DejaVuSansMono", ("mono",), "Bitstream Vera", f"{DEBIAN}dejavu"),
    Family("DejaVuSansCondensed", ("sans", "narrow"), "Bitstream Vera", f"{DEBIAN}dejavu"),
    Family("DejaVuSans", ("sans",), "Bitstream Vera", f"{DEBIAN}dejavu"),
    Family("DejaVuSerif", ("serif",), "Bitstream Vera", f"{DEBIAN}dejavu"),
    Family("LiberationMono", ("mono",), LIBERATION, f"{DEBIAN}liberation"),
    Family("LiberationSansNarrow", ("narrow", "sans"), LIBERATION, f"{DEBIAN}liberation"),
    Family("LiberationSans", ("sans",), LIBERATION, f"{DEBIAN}liberation"),
    Family("LiberationSerif", ("serif",), LIBERATION, f"{DEBIAN}liberation"),
    Family("OCRA", ("mono",), "public domain", f"{DEBIAN}ocr-a"),
    Family("OCRB", ("mono", "sans"), "permissive", f"{DEBIAN}ocr-b"),
    Family("OSPDIN", ("narrow", "technical"), "OFL-1.1", f"{DEBIAN}opendin"),
    Family("routedgothic", ("technical", "narrow"), "OFL-1.1", f"{DEBIAN}routed-gothic"),
    Family("BebasNeue", ("narrow", "sans"), "OFL-1.1", f"{DEBIAN}bebas-neue"),
    Family("Inconsolata", ("mono",), "OFL-1.1", f"{DEBIAN}inconsolata"),
    Family("B612Mono", ("mono",), "OFL-1.1", f"{DEBIAN}b612", held_out=True),
    Family("B612", ("sans",), "OFL-1.1", f"{DEBIAN}b612", held_out=True),
    Family("Hack", ("mono",), "MIT and Bitstream Vera", f"{DEBIAN}hack"),
    Family("Lato", ("sans",), "OFL-1.1", f"{DEBIAN}lato"),
    Family("RobotoMono", ("mono",), "Apache-2.0", f"{DEBIAN}roboto-unhinted"),
    Family("RobotoCondensed", ("narrow", "sans"), "Apache-2.0", f"{DEBIAN}roboto-unhinted"),
    Family("Roboto", ("sans",), "Apache-2.0", f"{DEBIAN}roboto-unhinted"),
    Family("LeagueSpartan", ("sans",), "OFL-1.1", f"{DEBIAN}league-spartan"),
    Family("FreeMono", ("mono",), FREEFONT, f"{DEBIAN}freefont-ttf"),
    Family("FreeSans", ("sans",), FREEFONT, f"{DEBIAN}freefont-ttf"),
    Family(
        "FreeSerif",
        ("serif",),
        FREEFONT,
        f"{DEBIAN}freefont-ttf",
        held_out=True,
    ),
    Family("BarlowCondensed", ("narrow", "sans"), "OFL-1.1", f"{NPM}barlow-condensed"),
    Family("SairaCondensed", ("narrow", "technical"), "OFL-1.1", f"{NPM}saira-condensed"),
    Family("SairaStencil", ("stencil",), "OFL-1.1", f"{NPM}saira-stencil-one"),
    Family("ShareTechMono", ("mono", "technical"), "OFL-1.1", f"{NPM}share-tech-mono"),
    Family("Oswald", ("narrow",), "OFL-1.1", f"{NPM}oswald"),
    Family("Rajdhani", ("technical", "sans"), "OFL-1.1", f"{NPM}rajdhani"),
    Family("VT323", ("mono",), "OFL-1.1", f"{NPM}vt323"),
    Family("Overpass", ("sans",), "OFL-1.1", f"{NPM}overpass"),
    Family("ArchivoNarrow", ("narrow", "sans"), "OFL-1.1", f"{NPM}archivo-narrow", held_out=True),
    Family("ChakraPetch", ("technical", "sans"), "OFL-1.1", f"{NPM}chakra-petch", held_out=True),
    Family("PathwayGothic", ("narrow",), "OFL-1.1", f"{NPM}pathway-gothic-one"),
)

_SLANTED = ("italic", "oblique")
_FAINT = ("extralight", "thin", "hairline", "light", "book")
_OTHER = ("mathtexgyre", "ocrbe", "ocrbf", "ocrbl", "ocrbs", "ocrbx")
"""Files that are no letters for codes: too faint to survive a photograph, or without digits."""


@dataclass(frozen=True, order=True)
class Font:
    """A font file, and what it is used for. `path` is "" for the one that Pillow carries."""

    name: str
    path: str
    roles: tuple[Role, ...]
    held_out: bool = False


def family_of(path: Path) -> Family | None:
    """The family of a font file, by its name. None for an unknown one."""
    name = _plain(path.stem)
    for family in FAMILIES:
        if name.startswith(family.prefix.lower()):
            return family
    return None


def find_fonts(split: Split, folders: Iterable[Path] = ()) -> tuple[Font, ...]:
    """The fonts of the split, in an order that depends on their names alone.

    Of the system's fonts those of FAMILIES are used, so that only free ones are; of the user's
    `folders` all. A font of no known family serves every role and is in both splits. Raises
    InputError for a folder without fonts.
    """
    found = {BUILT_IN: Font(BUILT_IN, "", ("sans",))}
    for path in (file for folder in system_folders() for file in _files(folder)):
        family = family_of(path)
        if family and _is_useful(path):
            font = Font(path.stem, str(path), family.roles, family.held_out)
            found.setdefault(path.stem, font)
    for folder in folders:
        own = list(_files(folder))
        if not own:
            raise InputError(
                f"there is no font in {printable(str(folder))}",
                f"Give a folder with files that end in {', '.join(SUFFIXES)}.",
            )
        found |= {path.stem: _users(path) for path in own if _is_useful(path)}
    kept = tuple(font for font in sorted(found.values()) if _is_in(font, split))
    if not kept:
        names = ", ".join(sorted({family.origin for family in FAMILIES if family.held_out}))
        raise UsageError("no font here is held out from training", f"Install one of: {names}.")
    return kept


def _users(path: Path) -> Font:
    family = family_of(path)
    if family is None:
        return Font(path.stem, str(path), ROLES)
    return Font(path.stem, str(path), family.roles, family.held_out)


def _is_in(font: Font, split: Split) -> bool:
    return split == "all" or font.held_out == (split == "held-out")


def system_folders() -> list[Path]:
    """Where the system and the user keep fonts. Some may not exist."""
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")]
    if sys.platform == "darwin":
        return [Path("/Library/Fonts"), home / "Library/Fonts"]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts"]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES)


def _is_useful(path: Path) -> bool:
    name = _plain(path.stem)
    return not any(word in name for word in (*_SLANTED, *_FAINT)) and not name.startswith(_OTHER)


def _plain(stem: str) -> str:
    return "".join(char for char in stem.lower() if char.isalnum())
