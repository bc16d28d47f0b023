"""The interface of dataset forms, the ways in which labelled pictures are stored on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from ocrx.bench.data.dataset import Sample

GUESSED, NAMED_BELOW, NAMED = 0, 1, 2
"""How sure a form is that a dataset is in it. It goes by how the first line looks (least sure), by
names of files anywhere below a folder, or by the name of the file itself (most sure)."""


class Loaded(NamedTuple):
    """What a form loaded."""

    kind: Literal["lines", "pages"]
    """What the pictures are: "lines", each a single line of text, or "pages"."""

    samples: Sequence[Sample]
    """The samples. A form may read a sample only when it is indexed."""


@dataclass(frozen=True)
class Found:
    """The places of datasets in a form, each an argument for `load`, and how sure the form is."""

    places: tuple[Path, ...]
    certainty: int = GUESSED


class DatasetForm(ABC):
    """Finds and loads the datasets of one form."""

    hint: ClassVar[str]
    """What path users give for a dataset of this form: "a folder with labels.tsv"."""

    @abstractmethod
    def find(self, path: Path) -> Found | None:
        """The datasets of this form at `path`, a folder or a file; None if there is none.

        It looks only at names and first lines. Raises InputError for a file that seems to be in
        this form and cannot be read; users see the error if no other form finds a dataset.
        """

    def place(self, path: Path) -> Path:
        """The argument for `load` if the user says that `path` is a dataset of this form, whether
        or not `find` would find it. Raises InputError if it cannot be one."""
        return path

    @abstractmethod
    def load(self, path: Path) -> Loaded:
        """The dataset at a place that `find` or `place` returned. It reads and checks the labels,
        but no picture. Raises InputError for a damaged label, naming its file and line."""
