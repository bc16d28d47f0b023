"""Measure the memory of a reader: its peak for one page, and its growth over many pages.

    python benchmarks/memory.py --backends openvino onnxruntime torch tflite --pages 300

Each figure is measured in a process of its own, which takes memory as `ocrx read` does; another
process draws the pictures. The peak is
that of the whole process, with Python, libraries and models. For the growth, pages of ever new
sizes are read. The pages are divided into six parts, and for each part the median of the resident
memory is given; then that of the first 50 pages, the peak, and by how much the memory rises after
the first 100. From page to page it varies by a fourth, with the size of the page. It must not rise
once all kinds of pages have been seen.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocrx.types import Image

WORDS = [
    "Invoice",
    "2041",
    "Lot",
    "NLX-4500",
    "Total",
    "17.50",
    "EUR",
    "delivered",
    "2026-03-14",
    "Serial",
    "7F3K-204",
    "net",
]
PARTS = 6
FIRST = 100
"""So many pages pass before the slope of the memory is measured."""


@dataclass(frozen=True)
class Case:
    """A page to read: its size in pixels, the height of its lines, how many lines are left out."""

    width: int
    height: int
    line: int
    density: float = 1.0
    kind: str = "png"


CASES = {
    "street scene 1280x720": Case(1280, 720, 60, 0.3, "jpg"),
    "A4 at 200 dpi, full of text": Case(1654, 2339, 36),
    "A4 at 300 dpi, full of text": Case(2480, 3508, 54),
    "photograph 6000x4000": Case(6000, 4000, 160, 0.5, "jpg"),
    "strip 4000x40": Case(4000, 40, 36),
}


def draw(case: Case, seed: int = 0) -> Image:
    """A page of words on white, RGB uint8; the same for the same seed."""
    import cv2
    import numpy as np

    random = np.random.default_rng(seed)
    page = np.full((case.height, case.width, 3), 250, np.uint8)
    scale = case.line / 44
    thickness = max(1, round(1.6 * scale))
    for bottom in range(case.line, case.height, round(1.3 * case.line)):
        if random.random() > case.density:
            continue
        text = " ".join(random.choice(WORDS, 40))
        while cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)[0][0] > case.width:
            text = text.rpartition(" ")[0] or text[: len(text) // 2]
        place = (8, bottom - case.line // 4)
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(page, text, place, font, scale, (20, 20, 20), thickness, cv2.LINE_AA)
    return page


def pages(count: int, longest: int) -> Iterator[Image]:
    """Pages of `count` sizes, from labels to sheets of `longest` pixels."""
    import numpy as np

    random = np.random.default_rng(7)
    for seed in range(count):
        width, height = random.integers(120, longest, 2).tolist()
        yield draw(Case(width, height, int(random.integers(16, 72)), 0.6), seed)


def resident() -> float:
    """The megabytes that this process holds now; NaN if the system does not say."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def peak() -> float:
    """The most megabytes this process has ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def measure_peak(path: str, backend: str, threads: int | None) -> dict[str, float]:
    from ocrx import Reader
    from ocrx.system.memory import share_memory

    share_memory()
    with Reader(backend=backend, threads=threads) as reader:
        lines = len(reader.read(path).lines)
    return {"lines": lines, "peak": peak()}


def measure_growth(
    count: int, longest: int, backend: str, threads: int | None
) -> dict[str, list[float]]:
    from ocrx import Reader
    from ocrx.system.memory import share_memory

    held = []
    share_memory()
    with Reader(backend=backend, threads=threads) as reader:
        for page in pages(count, longest):
            reader.read(page)
            held.append(resident())
    part = max(1, count // PARTS)
    medians = [statistics.median(held[at : at + part]) for at in range(0, part * PARTS, part)]
    begun = statistics.median(held[:50])
    return {"medians": medians, "first 50": [begun], "slope": slope(held), "peak": [peak()]}


def slope(held: Sequence[float]) -> list[float]:
    """By how many megabytes in 100 pages the memory rises after the first ones, by least squares;
    empty if there are too few pages."""
    rest = held[FIRST:]
    if len(rest) < FIRST:
        return []
    return [100 * statistics.linear_regression(range(len(rest)), rest).slope]


def in_a_process(arguments: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def compare(options: argparse.Namespace) -> None:
    hows = [["--backends", backend] for backend in options.backends]
    if options.threads:
        hows = [[*how, "--threads", str(options.threads)] for how in hows]
    width = max(12, *map(len, options.backends))
    print(f"{'peak MB of one page':32}" + "".join(f"{b:>{width}}" for b in options.backends))
    with tempfile.TemporaryDirectory() as folder:
        for name, case in CASES.items():
            path = f"{folder}/page.{case.kind}"
            subprocess.run([sys.executable, __file__, "--draw", name, path], check=True)
            peaks = [in_a_process([*how, "--read", path])["peak"] for how in hows]
            print(f"{name:32}" + "".join(f"{p:{width}.0f}" for p in peaks), flush=True)
    if options.pages < PARTS:
        return
    part = options.pages // PARTS
    print(f"\nresident MB, median of every {part} of {part * PARTS} pages of ever new sizes")
    for backend, how in zip(options.backends, hows, strict=True):
        size = ["--longest", str(options.longest)]
        figures = in_a_process([*how, *size, "--grow", str(options.pages)])
        medians = "".join(f"{median:7.0f}" for median in figures["medians"])
        rise = "".join(f", {rise:+.1f} in 100 pages" for rise in figures["slope"])
        begun, most = figures["first 50"][0], figures["peak"][0]
        print(
            f"{backend:{width}}{medians}   first 50 {begun:.0f}, peak {most:.0f}{rise}", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--backends", nargs="+", default=["auto"], metavar="NAME")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--pages", type=int, default=300, help="for the growth; 0 leaves it out")
    parser.add_argument("--longest", type=int, default=2200, help="side of those pages, in pixels")
    parser.add_argument("--draw", nargs=2, metavar=("CASE", "PATH"), help=argparse.SUPPRESS)
    parser.add_argument("--read", metavar="PATH", help=argparse.SUPPRESS)
    parser.add_argument("--grow", type=int, metavar="PAGES", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.draw:
        import cv2

        name, path = options.draw
        cv2.imwrite(path, draw(CASES[name]))
    elif options.read:
        print(json.dumps(measure_peak(options.read, options.backends[0], options.threads)))
    elif options.grow:
        print(
            json.dumps(
                measure_growth(options.grow, options.longest, options.backends[0], options.threads)
            )
        )
    else:
        compare(options)


if __name__ == "__main__":
    main()
