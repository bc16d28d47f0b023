"""The work of `ocrx dataset`: describe one, and find what is wrong with it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocrx.bench.data.check import FAULTS, MEANING, Problem, check_dataset, samples_of
from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.info import Spread, Summary, summarize
from ocrx.bench.data.load import load_dataset
from ocrx.errors import UsageError
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store
from ocrx_cli.terminal.console import print_json, print_line, print_table
from ocrx_cli.terminal.progress import counted, download_bar

BAR = 30
BINS = 12
MANY = 120
"""More characters than these are counted, not shown."""


def print_info(path: Path, form: str | None, as_json: bool) -> None:
    """Print what the dataset holds, as tables or JSON."""
    dataset = load_dataset(path, form=form)
    summary = summarize(dataset, counted(dataset.samples, len(dataset.samples)))
    if as_json:
        record = {**asdict(summary), "characters": dict(summary.characters.most_common())}
        record["lengths"] = {str(n): summary.lengths[n] for n in sorted(summary.lengths)}
        print_json(record)
        return
    print_table(_facts(summary))
    print_line("")
    print_table(_histogram(summary.lengths))


def print_problems(
    path: Path,
    form: str | None,
    *,
    recognizers: Sequence[str],
    show: int,
    offline: bool,
    as_json: bool,
) -> int:
    """Print what is wrong with the dataset, at most `show` of each fault.

    Returns the exit code: 1 if anything is wrong, else 0.
    """
    dataset = load_dataset(path, form=form)
    charsets = _charsets(recognizers, offline)
    samples = counted(samples_of(dataset), len(dataset.samples))
    problems = list(check_dataset(samples, charsets))
    if as_json:
        print_json(_record(dataset, problems))
    else:
        _print_problems(dataset, problems, show)
    return 1 if problems else 0


def _charsets(recognizers: Sequence[str], offline: bool) -> dict[str, frozenset[str]]:
    if not recognizers:
        return {}
    assembly = Assembly(load_plugins(), Store(offline=offline or None, progress=download_bar))
    found = {}
    for name in recognizers:
        charset = assembly.charset(name)
        if charset is None:
            raise UsageError(
                f"recogniser {name!r} does not say which characters it knows",
                "Leave it out, because nothing can be checked against it.",
            )
        found[name] = charset
    return found


def _facts(summary: Summary) -> Iterator[tuple[str, str]]:
    info = summary.info
    yield "name", info.name
    yield "path", info.path
    yield "origin", info.origin or "-"
    yield "kind", info.kind
    unreadable = f", {summary.unreadable} of them unreadable" if summary.unreadable else ""
    yield "pictures", f"{info.samples}{unreadable}"
    yield "height", _pixels(summary.heights)
    yield "width", _pixels(summary.widths)
    ignored = f", and {summary.not_scored} not scored" if summary.not_scored else ""
    yield "texts", f"{summary.texts}{ignored}"
    total, different = summary.characters.total(), len(summary.characters)
    yield "characters", f"{total}, {different} different"
    if different <= MANY:
        yield "", "".join(sorted(summary.characters)).strip()
    yield "digest", info.digest


def _pixels(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    return f"{spread.median:g} px in the median, {spread.least:g} to {spread.greatest:g}"


def _histogram(lengths: Mapping[int, int]) -> Iterator[tuple[str, str, str]]:
    """How many texts there are by number of characters, in up to BINS classes of equal width."""
    yield "LENGTH", "TEXTS", ""
    if not lengths:
        return
    least = min(lengths)
    width = -(-(max(lengths) - least + 1) // BINS)
    classes = Counter[int]()
    for length, times in lengths.items():
        classes[(length - least) // width] += times
    most = max(classes.values())
    for index in range(max(classes) + 1):
        start, end = least + index * width, least + (index + 1) * width - 1
        times = classes[index]
        bar = _block() * round(BAR * times / most)
        yield str(start) if width == 1 else f"{start}-{end}", str(times), bar


def _block() -> str:
    try:
        "█".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "#"
    return "█"


def _print_problems(dataset: Dataset, problems: Sequence[Problem], show: int) -> None:
    count = len(dataset.samples)
    if not problems:
        print_line(f"{dataset.name}: {count} pictures, nothing wrong")
        return
    for fault in FAULTS:
        found = [problem for problem in problems if problem.fault == fault]
        if not found:
            continue
        print_line(f"{fault}: {MEANING[fault]} ({len(found)})")
        if show:
            print_table([("", one.sample, one.detail) for one in found[:show]])
        if 0 < show < len(found):
            print_line(f"  ... and {len(found) - show} more")
        print_line("")
    wrong = len({problem.sample for problem in problems})
    print_line(f"{dataset.name}: {wrong} of {count} pictures have something wrong")


def _record(dataset: Dataset, problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "samples": len(dataset.samples),
        "problems": [asdict(problem) for problem in problems],
    }
