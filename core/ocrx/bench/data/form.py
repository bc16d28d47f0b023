"""A form in which labelled pictures lie on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from ocrx.bench.data.dataset import Sample

GUESSED, NAMED_BELOW, NAMED = 0, 1, 2
"""How sure a form may be that a dataset is its own: by what its first line looks like, by names of
files anywhere below a folder, by the name of a file itself."""


class Loaded(NamedTuple):
    """What a form loaded: "lines" if every picture is one line of text, else "pages", and the
    samples, which may be read when they are asked for."""

    kind: Literal["lines", "pages"]
    samples: Sequence[Sample]


@dataclass(frozen=True)
class Found:
    """Where datasets of a form lie, each for `load`, and how sure that is."""

    places: tuple[Path, ...]
    certainty: int = GUESSED


class DatasetForm(ABC):
    """Finds and loads datasets of one form. `hint` says what to give for one: "a folder with
    labels.tsv"."""

    hint: ClassVar[str]

    @abstractmethod
    def find(self, path: Path) -> Found | None:
        """The datasets of this form at `path`, a folder or a file; None if there is none.

        It looks at names and first lines, no further. Raises InputError for a file that should be
        one and cannot be read, which is told if it is of no other form either.
        """

    def place(self, path: Path) -> Path:
        """Where `load` is to look if the user says that there is a dataset of this form at `path`,
        whether or not `find` would see it. Raises InputError if there cannot be one."""
        return path

    @abstractmethod
    def load(self, path: Path) -> Loaded:
        """The dataset at that place. Labels are read and checked, pictures are not. Raises
        InputError for what is damaged, naming file and line."""
