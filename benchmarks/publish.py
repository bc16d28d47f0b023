"""Measure everything on the public sets and write docs/benchmarks.md and its charts.

    pip install "ocrx[ENGINES]" docs/plugins/ocrx-rapidocr[openvino] benchmarks/yardsticks
    python benchmarks/publish.py DATA [--work FOLDER] [--sets NAME ...] [-- OPTIONS of ocrx matrix]

ENGINES are the extras of all runtimes and families. DATA holds a folder with `labels.tsv` for each
set of benchmarks/sets.json. Each set is a run of `ocrx matrix`, whose JSON and HTML stay in the
work folder. An interrupted run is continued, and a set whose results are there is not measured
again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from charts import chart
from sets import LINES, PAGES, SETS

from ocrx.bench.figures.measures import MEASURES, headline
from ocrx.bench.figures.result import CellResult, Result
from ocrx.bench.show.files import load_result
from ocrx.bench.show.markdown import escaped, machine, table, to_markdown
from ocrx.bench.show.rows import Column, explanation

ROOT = Path(__file__).parents[1]
OURS = "paddle,paddle:v6-tiny,paddle:v5-mobile,crnn,easyocr,tesseract,google-vision"
YARDSTICKS = "rapidocr,rapidocr:openvino,easyocr-itself,tesserocr-itself"
DEFAULTS = [
    f"--recognizers={OURS},{YARDSTICKS}",
    "--detectors=own",
    "--precisions=fp32,int8",
    "--rounds=3",
]
IMAGES = ROOT / "docs" / "images"
MODEL = re.compile(r"\S*_\S*|\bfp32\b|\bint8\b|\bas \S+")
"""What differs in a reason from model to model."""
HEAD = """\
# Benchmarks

Written by `benchmarks/publish.py` from what `ocrx matrix` measured; nothing here is typed by hand.
Every cell ran in a process of its own, in turn with all others, round by round; times are medians,
intervals are 95 % bootstrap intervals over the pictures. Compare ratios: absolute times are those
of one machine. [How it is measured](guide/benchmarking.md). `rapidocr`, `easyocr-itself` and
`tesserocr-itself` are other projects, called as their own documentation shows.

The pictures are their owners' and not part of ocrx. To repeat this, get them from where each set
says it comes from, write `labels.tsv` as [the guide says](guide/datasets.md), and run
`python benchmarks/publish.py DATA`.
"""


def measure(data: Path, name: str, work: Path, options: Sequence[str]) -> None:
    """Run `ocrx matrix` for a set, unless its result is in the work folder already. `options` stand
    in place of the usual ones of their name."""
    target = work / f"{name}.json"
    if target.is_file():
        return
    given = {option.partition("=")[0] for option in options}
    usual = [option for option in DEFAULTS if option.partition("=")[0] not in given]
    command = [
        sys.executable, "-m", "ocrx_cli", "matrix", str(data / name), "--resume",
        f"--fold={SETS[name]['fold']}", f"--json={target}", f"--html={work / name}.html",
        *usual, *options,
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def overview(results: Mapping[str, Result]) -> str:
    """Cells with figures by sets: the accuracy and the median time of a picture."""
    cells = [cell for result in results.values() for cell in result.cells if cell.figures]
    names = dict.fromkeys(kind(cell) for cell in cells)
    columns = [Column("", tuple(names), left=True)]
    for title, result in results.items():
        found = {kind(cell): field(cell, result) for cell in result.cells}
        columns.append(Column(title, tuple(found.get(name, "-") for name in names)))
    return table(columns)


def kind(cell: CellResult) -> str:
    """A cell's name without its detector."""
    return " ".join(
        part for part in (cell.cell.recognizer, cell.cell.backend, cell.cell.precision) if part
    )


def field(cell: CellResult, result: Result) -> str:
    measure = headline(result)
    if cell.figures is None or measure is None:
        return cell.state
    mark = "" if cell.state in ("ok", "built-in") else f" ({cell.state})"
    return f"{measure.text(cell)} % {MEASURES['p50'].text(cell)} ms{mark}"


def charts(results: Mapping[str, Result]) -> str:
    """Write the charts, and show them in the page."""
    told = []
    for what, names in (("lines", LINES), ("pages", PAGES)):
        drawn = chart([results[name] for name in names if name in results])
        if drawn:
            (IMAGES / f"benchmarks-{what}.svg").write_text(drawn, "utf-8")
            told.append(
                f"![Accuracy against time, {what}](images/benchmarks-{what}.svg)\n\n"
                f"*{what.title()}*: each model on its fastest runtime, the mean of all sets."
            )
    return "\n\n".join(told)


def without_figures(results: Iterable[Result]) -> str:
    """A line for each runtime and reason: precisions, models, and the reason of the first."""
    alike: dict[tuple[str, ...], list[CellResult]] = {}
    for cell in (cell for result in results for cell in result.cells if not cell.figures):
        reason, remedy = explanation(cell)
        nameless = MODEL.sub("", reason.partition(" (tried:")[0])
        alike.setdefault((cell.cell.backend, cell.state, remedy, nameless), []).append(cell)
    told = []
    for (backend, state, remedy, _), cells in alike.items():
        precisions = ", ".join(dict.fromkeys(one.cell.precisions for one in cells))
        models = ", ".join(dict.fromkeys(one.cell.recognizer for one in cells))
        reason = explanation(cells[0])[0].partition(" (tried:")[0]
        heading = f"{backend}, {precisions} ({state})"
        told.append(f"- **{escaped(heading)}** {escaped(f'of {models}: {reason}. {remedy}')}")
    return "\n".join(told) or "Everything has."


def page(results: Mapping[str, Result]) -> str:
    first = next(iter(results.values()))
    parts = [
        HEAD,
        charts(results),
        f"Measured {min(result.started for result in results.values())[:10]} on "
        f"{escaped(machine(first.environment))}.",
        "## All sets\n\nLines: character accuracy; pages: F1 of words; and the median time of a "
        "picture. [What has no figures](#what-has-no-figures) is explained at the end.",
        overview(results),
    ]
    for name, result in results.items():
        about = SETS[name]
        parts.append(f"## {name}\n\n{about['what']}; from {about['origin']}.")
        measured = replace(result, cells=tuple(cell for cell in result.cells if cell.figures))
        parts.append("\n\n".join(to_markdown(measured).split("\n\n")[:-1]))
    parts += ["## What has no figures", without_figures(results.values())]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    arguments, options = parser.parse_known_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for name in arguments.sets:
        measure(arguments.data, name, arguments.work, [one for one in options if one != "--"])
    results = {name: load_result(arguments.work / f"{name}.json") for name in arguments.sets}
    arguments.page.write_text(page(results), "utf-8")


if __name__ == "__main__":
    main()
