"""The contract of dataset forms."""

from __future__ import annotations

import pickle
from abc import abstractmethod
from pathlib import Path

from ocrx.bench.data.form import DatasetForm, Found, Loaded
from ocrx.testing.checks import check


class DatasetContract:
    """What the core relies on in a DatasetForm. Define `make`, `write` and `expected`."""

    def make(self) -> DatasetForm:
        """A new instance of the form under test."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    @abstractmethod
    def write(self, folder: Path) -> Path:
        """Write a dataset of two or more samples into the empty folder. Returns the path that a
        user would give for it."""
        raise NotImplementedError(f"{type(self).__name__} must define write()")

    @abstractmethod
    def expected(self) -> list[str]:
        """The texts of the samples that `write` writes, in order."""
        raise NotImplementedError(f"{type(self).__name__} must define expected()")

    def test_it_finds_its_own(self, tmp_path: Path) -> None:
        form, path = self.make(), self.write(tmp_path)
        found = form.find(path)
        check(isinstance(found, Found), f"find gives {found!r} for a dataset in its form")
        if found is not None:
            check(len(found.places) == 1, f"find gives {len(found.places)} places for one dataset")
            self._check(form.load(found.places[0]))

    def test_it_loads_what_the_user_names(self, tmp_path: Path) -> None:
        form, path = self.make(), self.write(tmp_path)
        self._check(form.load(form.place(path)))

    def test_it_leaves_alone_what_is_not_its_own(self, tmp_path: Path) -> None:
        empty, other = tmp_path / "empty", tmp_path / "other"
        empty.mkdir()
        other.mkdir()
        (other / "readme.md").write_text("nothing of interest\n", "utf-8")
        (other / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        for path in (empty, other, other / "readme.md"):
            found = self.make().find(path)
            check(found is None, f"find gives {found!r} where there is no dataset")

    def test_samples_can_be_read_again_and_pickled(self, tmp_path: Path) -> None:
        form, path = self.make(), self.write(tmp_path)
        kind, samples = form.load(form.place(path))
        self._check(Loaded(kind, samples))
        try:
            pickle.dumps(samples)
        # Pickling may raise anything.
        except Exception as error:
            check(False, f"the samples cannot be pickled for another process: {error!r}")

    def test_it_says_what_to_give(self) -> None:
        hint = self.make().hint
        check(isinstance(hint, str) and hint, f"hint is {hint!r}, not a path that users give")

    def _check(self, loaded: Loaded) -> None:
        kind, samples = loaded
        check(kind in ("lines", "pages"), f"the kind is {kind!r}, neither lines nor pages")
        texts = [samples[index].text for index in range(len(samples))]
        check(texts == self.expected(), f"the texts are {texts}, not {self.expected()}")
        names = [sample.name for sample in samples]
        check(len({*names}) == len(names), f"two samples have the same name: {names}")
        for sample in samples:
            check(
                (sample.lines is None) == (kind == "lines"),
                f"sample {sample.name!r} of a dataset of {kind} has the lines {sample.lines!r}",
            )
