"""Loads the dataset at a path, in whatever form it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.form import DatasetForm, Found
from ocrx.bench.data.formats.labels import FILE
from ocrx.bench.data.formats.rows import first_row
from ocrx.errors import InputError, PluginError, plugin_errors
from ocrx.plugins.registry import Registry, load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.system.text import printable
from ocrx.weights.store import Store

ORIGIN = "origin.txt"
"""A file beside the labels whose first line names the public repository they come from."""


def load_dataset(
    path: Path, *, form: str | None = None, registry: Registry | None = None
) -> Dataset:
    """The dataset at `path`, a folder or a file, in the form named `form`; None detects the form.

    Labels are read and checked here, pictures when they are used. An LMDB is not kept in memory.

    Raises InputError for a path that holds no dataset or a damaged one, naming file and line;
    UnknownName for an unknown form; UsageError if the form needs the extra `bench`.
    """
    assembly = Assembly(registry or load_plugins(), Store())
    forms = {form: _form(assembly, form)} if form else _forms(assembly)
    name = printable(str(path))
    if not path.exists():
        raise InputError(f"{name} does not exist", "Check the name.")
    known, where = (form, path) if form else _detected(path, forms)
    with plugin_errors(assembly.name_of("dataset", known)):
        where = Path(forms[known].place(path)) if form else where
        kind, samples = forms[known].load(where)
        count = len(samples)
    if not count:
        raise InputError(
            f"{name} has no samples", "Give a dataset that has pictures whose text is known."
        )
    folder = where if where.is_dir() else where.parent
    return Dataset(_name(where), path, kind, samples, _origin(folder))


def _form(assembly: Assembly, name: str) -> DatasetForm:
    return cast("DatasetForm", assembly.made("dataset", name, DatasetForm))


def _forms(assembly: Assembly) -> Mapping[str, DatasetForm]:
    """All forms by name, but for those that cannot be built: such a form raises its error only when
    the user names it."""
    found = {}
    for name in assembly.registry.names("dataset"):
        with suppress(PluginError):
            found[name] = _form(assembly, name)
    return found


def _detected(path: Path, forms: Mapping[str, DatasetForm]) -> tuple[str, Path]:
    """The form of the dataset at `path`, and its place: those of the form that is surest."""
    found: dict[str, Found] = {}
    errors: list[InputError | PluginError] = []
    for name, one in forms.items():
        try:
            with plugin_errors(f"dataset {name!r}"):
                hit = one.find(path)
                if hit is not None and not isinstance(hit, Found):
                    raise TypeError(f"`find` returned a {type(hit).__name__}")
        except (InputError, PluginError) as error:  # of a plugin: the others may know the form
            errors.append(error)
            continue
        if hit is not None:
            found[name] = hit
    surest = max((hit.certainty for hit in found.values()), default=0)
    places = [
        (place, name)
        for name, hit in found.items()
        if hit.certainty == surest
        for place in hit.places
    ]
    if len(places) > 1:
        raise _several(path, sorted(places))
    if places:
        return places[0][1], places[0][0]
    if errors:
        raise errors[0]
    hints = ", ".join(one.hint for one in forms.values())
    where = printable(str(path))
    what = (
        f"{where} is not a dataset in a known form"
        if path.is_file()
        else f"there is no dataset in {where}"
    )
    raise InputError(what, f"Give one of: {hints}.")


def _several(path: Path, places: list[tuple[Path, str]]) -> InputError:
    where = printable(str(path))
    if len({place for place, _ in places}) == 1:
        forms = " or ".join(name for _, name in places)
        return InputError(
            f"{where} may be a dataset in the form {forms}", "Say which, with --form."
        )
    names = ", ".join(printable(place.name) for place, _ in places)
    return InputError(f"{where} has several label files: {names}", "Give one of them.")


def _name(where: Path) -> str:
    where = where.resolve()
    return where.parent.name if where.name == FILE else where.stem


def _origin(folder: Path) -> str:
    file = folder / ORIGIN
    return first_row(file).text.strip() if file.is_file() else ""
