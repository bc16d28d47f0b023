"""`ocrx synth`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from ocrx.errors import UsageError
from ocrx.system.text import printable
from ocrx_training.synth.fonts import FAMILIES, family_of, find_fonts
from ocrx_training.synth.kinds.table import KINDS
from ocrx_training.synth.options import SynthOptions, read_options
from ocrx_training.synth.patterns import PATTERNS

T = TypeVar("T")

SHEET = 120
"""Pictures on a contact sheet, if no number is given."""

COUNT = 1000
"""Pictures in a dataset, if no number is given."""


def synth(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="A new folder for the dataset.")
    ] = None,
    *,
    count: Annotated[
        int | None,
        typer.Option(
            "--count",
            "-n",
            metavar="N",
            min=1,
            help=f"How many pictures to draw. Default: {COUNT}, or {SHEET} for a preview.",
        ),
    ] = None,
    patterns: Annotated[
        list[str] | None,
        typer.Option(
            "--pattern",
            "-p",
            metavar="NAME|REGEX[=WEIGHT]",
            help="What the codes say. May be given several times.",
        ),
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            "-k",
            metavar="NAME[=WEIGHT]",
            help="A kind of codes. May be given several times.",
        ),
    ] = None,
    severity: Annotated[
        float | None,
        typer.Option(
            "--severity",
            metavar="0..1",
            help="How much may spoil a picture: 0 nothing, 1 all. "
            f"Default: {SynthOptions.severity}.",
        ),
    ] = None,
    height: Annotated[
        str | None,
        typer.Option(
            "--height",
            metavar="LOW-HIGH",
            help="Heights of pictures, in pixels. Default: {}-{}.".format(*SynthOptions.heights),
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="all|train|held-out",
            help=f"Which fonts and surfaces. Default: {SynthOptions.split}.",
        ),
    ] = None,
    fonts: Annotated[
        list[Path] | None,
        typer.Option(
            "--fonts", metavar="DIR", help="A folder of further fonts. May be given several times."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file with options.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            help=f"Another seed, other pictures. Default: {SynthOptions.seed}.",
        ),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--form",
            metavar="NAME",
            help="labels, paddle, icdar-words, icdar (with quads), or lmdb.",
        ),
    ] = "labels",
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            metavar="N",
            min=1,
            help="How many draw at once. Default: as many as processors.",
        ),
    ] = None,
    preview: Annotated[
        Path | None,
        typer.Option("--preview", metavar="FILE", help="Write a contact sheet, and no dataset."),
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="List kinds, patterns and fonts, and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Draw labelled pictures of codes: labels, ink-jet, engravings, plates, displays and more.

    The same options, seed and fonts give the same pictures, for any number of processes.
    """
    options = SynthOptions() if config is None else read_options(config)
    given: dict[str, Any] = {
        "patterns": _weighted(patterns),
        "kinds": _weighted(kinds),
        "severity": severity,
        "heights": None if height is None else _heights(height),
        "split": split,
        "fonts": None if fonts is None else tuple(fonts),
        "seed": seed,
    }
    options = replace(options, **{name: one for name, one in given.items() if one is not None})
    if listing:
        _list(options)
    elif preview is not None:
        _preview(preview, options, count or SHEET)
    elif folder is None:
        raise UsageError("there is nothing to do", "Give a folder, --preview FILE or --list.")
    else:
        _write(folder, form, options, count or COUNT, processes)


def _preview(path: Path, options: SynthOptions, count: int) -> None:
    from ocrx_training.synth.preview import contact_sheet, save_sheet
    from ocrx_training.synth.stream import pictures

    save_sheet(contact_sheet(_counted(pictures(options, count=count), count)), path)
    typer.echo(f"{count} pictures in {printable(str(path))}")


def _write(
    folder: Path, form: str, options: SynthOptions, count: int, processes: int | None
) -> None:
    from ocrx_training.synth.recipe import recipe
    from ocrx_training.synth.stream import CHUNK, each, usable_processors
    from ocrx_training.synth.writing import encoded, write_dataset

    most = max(1, -(-count // CHUNK))
    drawn = each(
        options, encoded, count=count, processes=min(processes or usable_processors(), most)
    )
    total = write_dataset(folder, form, _counted(drawn, count), recipe(options, count))
    typer.echo(f"{total} pictures in {printable(str(folder))}, form {form}, seed {options.seed}")


def _weighted(values: list[str] | None) -> Mapping[str, float] | None:
    """Names with weights, of NAME or NAME=WEIGHT."""
    if values is None:
        return None
    found = {}
    for value in values:
        name, equals, weight = value.rpartition("=")
        try:
            found[name if equals else value] = float(weight) if equals else 1.0
        except ValueError:  # the = belongs to a regular expression
            found[value] = 1.0
    return found


def _heights(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if not low.isdecimal() or not (high or low).isdecimal():
        raise UsageError(f"{printable(text)!r} is no range of heights", "Write 16-80, for example.")
    return int(low), int(high or low)


def _list(options: SynthOptions) -> None:
    typer.echo("KIND       WEIGHT")
    for name, kind in KINDS.items():
        typer.echo(f"{name:10} {kind.weight:<6} {kind.about}")
    typer.echo("\nPATTERN")
    for name, pattern in PATTERNS.items():
        typer.echo(f"{name:10} {pattern.about}")
    found = find_fonts("all", options.fonts)
    there = {family_of(Path(font.path)) for font in found if font.path}
    typer.echo(f"\nFONT FAMILY            ({len(found)} fonts)")
    for family in FAMILIES:
        state = "found" if family in there else f"missing ({family.origin})"
        typer.echo(f"{family.prefix:22} {state:40} {family.licence}")


def _counted(items: Iterable[T], count: int) -> Iterator[T]:
    """The items, with a bar on a terminal that counts them."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, "Pictures", total=count, console=console, transient=True)
