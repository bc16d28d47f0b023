"""What the width costs and brings to which PP-OCR pads short crops (`recognizer.min_width`).

    python benchmarks/widths.py DATA --widths 96 128 160 192 320

DATA holds a folder with `labels.tsv` for each set of benchmarks/sets.json. Every picture is read at
each width in turn. The ratio is of processor times, to that at the reader's own choice.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sets import LINES, PAGES, load, quality

from ocrx import Reader
from ocrx.names import Layout


def options(width: int | None) -> dict[str, Any]:
    return {"recognizer": {"min_width": width}} if width else {}


def measure(data: Path, name: str, widths: list[int | None], pictures: int | None) -> None:
    dataset, paths = load(data, name)
    samples, paths = dataset.samples[:pictures], paths[:pictures]
    layout: Layout = "page" if name in PAGES else "line"
    seconds, texts = dict.fromkeys(widths, 0.0), {width: list[str]() for width in widths}
    with ExitStack() as opened:
        readers = {
            width: opened.enter_context(Reader(layout=layout, options=options(width)))
            for width in widths
        }
        for reader in readers.values():
            reader.read(paths[0])
        for path in paths:
            for width, reader in readers.items():
                started = time.process_time()
                texts[width].append(reader.read(path).text)
                seconds[width] += time.process_time() - started
    print(f"\n{name} ({len(paths)} pictures)")
    for width in widths:
        found = quality(name, samples, texts[width])
        figures = {"words F1": found.words, "exact": found.exact}
        told = "  ".join(f"{what} {one.value:5.1f}" for what, one in figures.items() if one)
        ratio = seconds[width] / seconds[widths[0]]
        print(f"  {width or 'default':>8}  time {ratio:4.2f}  {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--widths", type=int, nargs="+", default=[96, 128, 160, 192, 256, 320])
    parser.add_argument("--sets", nargs="+", default=[*PAGES, *LINES])
    parser.add_argument("--pictures", type=int, help="the first so many of each set; default all")
    arguments = parser.parse_args()
    for name in arguments.sets:
        measure(arguments.data, name, [None, *arguments.widths], arguments.pictures)


if __name__ == "__main__":
    main()
