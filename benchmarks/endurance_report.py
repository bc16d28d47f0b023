"""Write what `benchmarks/endurance.py` kept in a folder as a page of the documentation.

python benchmarks/endurance_report.py WORK > docs/endurance.md

The slope of memory is that of a straight line through the medians of blocks of pages, by least
squares, with the interval of 95 % that their scatter gives. Blocks, because what a process holds
after one page is nearly what it holds after the next.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from endurance import CLIENTS, QUEUE

from ocrx.system.cpus import available_cpus
from ocrx.system.processor import processor

SETTLED = 500
"""Pages after which memory must be flat."""
BLOCKS = 19
QUANTILE = 2.11
"""Of Student's t with BLOCKS - 2 degrees of freedom, for 95 %."""


@dataclass(frozen=True)
class Line:
    """A straight line through memory: megabytes more for 1,000 pages, give or take `error`, and
    megabytes at its start and its end."""

    slope: float
    error: float
    start: float
    end: float


def line_through(held: Sequence[tuple[int, float]]) -> Line:
    """The line through megabytes after so many pages, from SETTLED on."""
    settled = [(page, value) for page, value in held if page >= SETTLED]
    size = max(1, len(settled) // BLOCKS)
    blocks = [settled[at : at + size] for at in range(0, size * BLOCKS, size)]
    middles = [statistics.mean(page for page, _ in block) / 1000 for block in blocks]
    values = [statistics.median(value for _, value in block) for block in blocks]
    slope, start = statistics.linear_regression(middles, values)
    left = sum((y - start - slope * x) ** 2 for x, y in zip(middles, values, strict=True))
    spread = sum((x - statistics.mean(middles)) ** 2 for x in middles)
    error = QUANTILE * math.sqrt(left / (len(blocks) - 2) / spread)
    return Line(slope, error, values[0], values[-1])


def memory_rows(work: Path) -> Iterator[str]:
    """A row of the table for each run over pages."""
    for what in ("reader", "service", "batch"):
        for file in sorted(work.glob(f"{what}-*.json")):
            run = json.loads(file.read_text("utf-8"))
            line = line_through(run["held"])
            yield (
                f"| {what} | {run['backend']} | {run['pages']:,} | {line.start:.0f} | "
                f"{line.end:.0f} | {line.slope:+.2f} ± {line.error:.2f} | {run['other']} |"
            )


def loads(work: Path) -> Iterator[str]:
    """What became of requests."""
    for file in sorted(work.glob("load-*.json")):
        run = json.loads(file.read_text("utf-8"))
        counts = {int(status): count for status, count in run["statuses"].items()}
        counted = {int(status): count for status, count in run["counted"].items()}
        sent = sum(counts.values())
        answered, refused = counts.get(200, 0), counts.get(429, 0)
        yield from (
            f"| asked | {sent:,} in {run['seconds']:g} s: {sent / run['seconds']:.1f} a second, of "
            f"which it can read {run['rate']:.1f} |",
            f"| answered | {answered:,}; wrong: {run['other']} |",
            f"| refused with 429 | {refused:,} |",
            f"| anything else | {sent - answered - refused} |",
            f"| lost: not counted by the service as its client counts it | "
            f"{sum(abs(counts.get(s, 0) - counted.get(s, 0)) for s in counts | counted)} |",
            f"| an answer took | {times(run['waited'])} |",
            f"| a refusal took | {times(run['refused'])} |",
            f"| reading {QUEUE} requests, as many as are let in, takes | "
            f"{QUEUE / run['rate']:.2f} s on average |",
        )


def times(seconds: Sequence[float]) -> str:
    """Median, 99th percentile and the longest."""
    if len(seconds) < 2:
        return "-"
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, at most {max(seconds):.2f} s"


def report(work: Path) -> str:
    """The page's Markdown."""
    return PAGE.format(
        cpu=processor().name,
        cores=available_cpus(),
        rows="\n".join(memory_rows(work)),
        clients=CLIENTS,
        queue=QUEUE,
        blocks=BLOCKS,
        settled=SETTLED,
        load="\n".join(loads(work)),
    )


PAGE = """\
<!-- Written by benchmarks/endurance_report.py: edit that, not this file. -->

# Endurance

What runs for weeks must not grow, and what is asked for too much must lose nothing.
`benchmarks/endurance.py` measures both, here on {cores} processors ({cpu}).

## Memory

Small pages of ever different sizes, with one to three codes on each, are read with PP-OCRv6 tiny
in fp32: one by one by a `Reader`, by `ocrx serve` for four clients, and by `ocrx batch` with one
worker. The megabytes are those of all its processes, as medians of the first and the last of
{blocks} blocks of pages after page {settled}. The slope is that of a line through all blocks, with
its interval of 95 %. No page may be read otherwise than by a reader that is alone.

| | runtime | pages | MB at first | MB at last | MB more for 1,000 pages | read otherwise |
|---|---|---|---|---|---|---|
{rows}

What keeps it flat: OpenVINO, which loses memory with each new size of page, opens a detector anew
after 12 sizes; TFLite keeps interpreters for so many sizes as fit into its bound; after new sizes
all give back what they only keep for speed, and once a second a reader returns to the system what
was freed ([Speed and memory](guide/performance.md#memory)). The threads of a service share two
heaps, so what one frees, another uses. What is left are holes in the heap that are too small to be
returned: what is in use stays the same.

Whatever else may lose memory, such as a plugin, costs no more than `--renew-memory`: a
[batch](guide/batch.md) replaces the worker, and a [service](guide/serve.md) and a
[watch](guide/watch.md) open their reader anew.

## Load

{clients} clients ask for twice as much as `ocrx serve --queue {queue}` can read, whatever it says
of when to come again.

| | |
|---|---|
{load}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    sys.stdout.write(report(parser.parse_args().work))


if __name__ == "__main__":
    main()
