"""`ocrx models info`: what is known of one model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from ocrx.system.text import printable
from ocrx.weights.records import Record, record_of
from ocrx.weights.store import Store
from ocrx_cli.shared.catalogue import chosen
from ocrx_cli.terminal.console import print_json, print_line, print_table
from ocrx_cli.work.compress import print_figures
from ocrx_cli.work.models.listing import model_record


def print_info(reference: str, as_json: bool) -> None:
    """Print what is known of a model by name, or of a compressed one by its path. Of one that comes
    compressed its record too.

    Raises UnknownName for neither, WeightsError for a record that cannot be read.
    """
    found = record_of(Path(reference).expanduser())
    if found is not None:
        if as_json:
            print_json(asdict(found[0]))
        else:
            _print_record(*found)
        return
    store = Store(offline=True)
    models = chosen([reference])
    told = [model_record(model, store) for model in models]
    paths = [store.locate(model.source).path for model in models]
    records = [record_of(path) if path else None for path in paths]
    if as_json:
        pairs = zip(told, records, strict=True)
        print_json({"models": [m | ({"record": asdict(r[0])} if r else {}) for m, r in pairs]})
        return
    for number, (model, record) in enumerate(zip(told, records, strict=True)):
        if number:
            print_line("")
        print_table([(name, _text(value)) for name, value in model.items() if value is not None])
        if record:
            _print_record(*record)


def _print_record(record: Record, folder: Path) -> None:
    print_table(list(_told(record, folder)))
    print_figures(record)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _told(record: Record, folder: Path) -> Iterator[tuple[str, str]]:
    yield "model", f"{record.model} ({record.component}:{record.variant})".replace(":)", ")")
    yield "kind", record.kind
    yield "file", printable(str(folder / record.file))
    yield "format", f"{record.format}, {record.precision}"
    yield "sha256", record.sha256
    yield "source sha256", record.source_sha256
    for step in record.steps:
        told = ", ".join(f"{name}={value}" for name, value in step.options.items())
        yield step.method, told or "-"
        yield from (("", note) for note in step.notes)
    yield "seed", str(record.seed)
    yield "data", _pictures(record.data)
    yield "measured on", _pictures(record.held)
    flags = ", ".join(record.machine.get("cpu_flags", ()))
    yield "machine", f"{record.machine.get('cpu', '?')} ({flags})"
    yield "created", record.created


def _pictures(told: object) -> str:
    if not isinstance(told, dict):
        return "-"
    return f"{told.get('name')}, {told.get('samples')} pictures, {told.get('digest')}"
