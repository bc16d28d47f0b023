"""`ocrx models list` and `path`: which models there are, and where their files are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ocrx.conversion import kept as converted
from ocrx.conversion.kept import Cached
from ocrx.errors import UsageError, WeightsError
from ocrx.weights.store import Location, Store
from ocrx_cli.shared.catalogue import Model, chosen, models
from ocrx_cli.terminal.console import print_json, print_line, print_table

HEADINGS = ("MODEL", "TASK", "LANGUAGES", "LICENCE", "SIZE", "WHERE")
MANY = 4
"""If a model has more languages than this, the table gives their number."""


def print_models(task: str | None, as_json: bool) -> None:
    """Print every model, then every conversion, as a table or JSON."""
    store = Store(offline=True)
    known = models(task)
    conversions = [] if task else converted.cached(store)
    if as_json:
        _print_json(
            [model_record(model, store) for model in known],
            [_conversion_record(one) for one in conversions],
        )
        return
    rows = [_row(model, store) for model in known]
    print_table([HEADINGS, *rows, *(_conversion_row(one) for one in conversions)])


def print_paths(names: Sequence[str], task: str | None, as_json: bool) -> None:
    """Print the paths of the models. Raises WeightsError, after the others, if one is not here."""
    if not names:
        raise UsageError("no model was given", "Give names from `ocrx models list`.")
    store = Store(offline=True)
    here = [(model, store.find(model.source)) for model in chosen(names, task)]
    if as_json:
        _print_json([model_record(model, store) for model, found in here if found])
    else:
        for _, found in here:
            if found:
                print_line(str(found))
    missing = sorted({model.name for model, found in here if not found})
    if missing:
        raise WeightsError(
            f"not on this machine: {', '.join(missing)}",
            f"Run `ocrx models pull {' '.join(missing)}`.",
        )


def _row(model: Model, store: Store) -> tuple[str, ...]:
    spec = model.spec
    languages = ", ".join(spec.languages) or "-"
    if len(spec.languages) > MANY:
        languages = f"{len(spec.languages)} languages"
    location = store.locate(model.source)
    size = _size(model, location)
    return (
        model.label + (" (default)" if model.default else ""),
        spec.task,
        languages,
        spec.licence or "-",
        "unknown" if size is None else f"{size / 1e6:.1f} MB",
        "not here" if location.origin == "missing" else location.origin,
    )


def _size(model: Model, location: Location) -> int | None:
    """In bytes: that of the file that is here, or what is published of it, if anything is."""
    if location.path is not None and location.path.is_file():
        return location.path.stat().st_size
    return model.source.size


def model_record(model: Model, store: Store) -> dict[str, Any]:
    """What is known of a model, for JSON."""
    spec, source = model.spec, model.source
    location = store.locate(source)
    here = location.origin != "missing"
    return {
        "name": model.name,
        "kind": model.entry.kind,
        "component": model.entry.name,
        "variant": model.variant,
        "default": model.default,
        "task": spec.task,
        "model": spec.name,
        "part": model.part,
        "format": model.format,
        "languages": list(spec.languages),
        "tier": spec.tier,
        "licence": spec.licence,
        "homepage": spec.homepage,
        "size": _size(model, location),
        "sha256": source.sha256,
        "url": source.url,
        "origin": location.origin,
        "path": str(location.path) if here else None,
    }


def _print_json(
    models: Iterable[dict[str, Any]], conversions: Iterable[dict[str, Any]] = ()
) -> None:
    print_json({"models": list(models), "conversions": list(conversions)})


def _conversion_row(entry: Cached) -> tuple[str, ...]:
    """A conversion in the columns of `ocrx models list`."""
    identity = entry.identity
    words = [str(identity.get(name, "")) for name in ("converter", "precision", "architecture")]
    made = " ".join(filter(None, words)) or "?"
    where = "cache" if entry.whole else "damaged"
    return (
        f"{identity.get('model', '?')} ({made})",
        "-",
        "-",
        "-",
        f"{entry.size / 1e6:.1f} MB",
        where,
    )


def _conversion_record(entry: Cached) -> dict[str, Any]:
    """A conversion in the JSON of `ocrx models list`."""
    return {
        **entry.identity,
        "size": entry.size,
        "whole": entry.whole,
        "path": str(entry.folder),
    }
