"""The options of the page reader and of the recogniser, with Tesseract's own defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

PageMode: TypeAlias = Literal[
    "auto",
    "auto-osd",
    "single-column",
    "single-block-vert-text",
    "single-block",
    "single-line",
    "single-word",
    "circle-word",
    "single-char",
    "sparse-text",
    "sparse-text-osd",
    "raw-line",
]
"""What a picture shows: Tesseract's page segmentation modes, by the names of its enumeration."""

LineMode: TypeAlias = Literal[
    "single-line", "single-word", "circle-word", "single-char", "raw-line"
]
"""The modes in which a picture is read as one line."""


@dataclass(frozen=True)
class TesseractOptions:
    """What the page reader and the recogniser have in common.

    - `languages`: names of language data, with + between them: "deu+eng", "script/Latin".
    - `engine`: "lstm" is the neural network, "legacy" the engine of Tesseract 3, "both" joins them.
      "default" takes what the language data have.
    - `whitelist` and `blacklist`: the only characters that are read, and those that never are.
    - `user_words` and `user_patterns`: paths of files with a word, or a pattern such as
      "\\A\\A-\\d\\d\\d", on each line. They are preferred in doubtful cases.
    - `tessdata`: the folder of the language data. "" looks at TESSDATA_PREFIX in the environment,
      then where packages put them.
    - `parameters`: further parameters of Tesseract, such as
      "load_system_dawg=0,tessedit_do_invert=0".
    """

    languages: str = "eng"
    engine: Literal["default", "lstm", "legacy", "both"] = "default"
    whitelist: str = ""
    blacklist: str = ""
    user_words: str = ""
    user_patterns: str = ""
    tessdata: str = ""
    parameters: str = ""

    def __post_init__(self) -> None:
        names = self.languages.split("+")
        if not all(re.fullmatch(r"\w+(/\w+)?", name) for name in names):
            raise ValueError(
                f"option 'languages': {self.languages!r} is not a list such as deu+eng"
            )
        for one in filter(None, self.parameters.split(",")):
            if not re.fullmatch(r"\w+=.*", one.strip()):
                raise ValueError(f"option 'parameters': {one!r} is not of the form NAME=VALUE")


@dataclass(frozen=True)
class TesseractPageOptions(TesseractOptions):
    """The options of the page reader.

    `psm` is the page segmentation mode; None takes "auto", and "single-line" with the layout
    "line". The modes in -osd also find out how a page is turned. `dpi` is the resolution that
    the layout analysis goes by, in pixels per inch; 96 is that of pictures given to tesserocr.
    """

    psm: PageMode | None = None
    dpi: int = 96

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 70 <= self.dpi <= 2400:
            raise ValueError(f"option 'dpi': Tesseract takes 70 to 2400, not {self.dpi}")


@dataclass(frozen=True)
class TesseractLineOptions(TesseractOptions):
    """The options of the recogniser. `psm` is the page segmentation mode."""

    psm: LineMode = "single-line"
