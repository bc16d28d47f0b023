"""The memory that pages take: of one large page, and of ever new sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.alone]

PEAK = dedent("""
    import resource, sys
    from pathlib import Path

    def peak() -> int:
        # The most megabytes that this process has held: what Linux tells otherwise is also of that
        # which started this one.
        status = Path("/proc/self/status")
        if status.is_file():
            return int(status.read_text().partition("VmHWM:")[2].split()[0]) // 2**10
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most // (2**20 if sys.platform == "darwin" else 2**10)
""")

PAGE = dedent("""
    from support.labels import label
    from ocrx import Reader

    words = "LOT L2611-0873 EXP 2026-03-14 SERIAL 7F3K-204-99182 TYPE NLX-4500-S2 AUSTRIA".split()
    # No space is above another one, as between columns.
    page = label([" ".join(words[n:] + words[:n]) for n in range(9)], (1654, 2339), height=32)
    with Reader(threads=2, offline=True) as reader:
        lines = [len(reader.read(page).lines) for _ in range(2)]
    print(lines, peak())
""")

SCREEN = dedent("""
    from support.labels import label
    from ocrx import Reader

    lines = [f"{n} 2026-03-14 12:07 the northern harbour reports 7 ships" for n in range(24)]
    page = label(lines, (7680, 4320), height=12)
    with Reader(threads=2, offline=True) as reader:
        read = reader.read(page).text.splitlines()
    print(len(read), peak())
""")

SIZES = dedent("""
    import random
    import numpy as np
    from ocrx import Reader

    sizes = [(32 * h, 32 * w) for h in range(2, 12) for w in range(2, 12)]
    random.Random(1).shuffle(sizes)
    options = {"detector": {"min_side": 32}}
    with Reader(backend=sys.argv[1], threads=2, offline=True, options=options) as reader:
        for number, size in enumerate(sizes, 1):
            assert not reader.read(np.full((*size, 3), 255, np.uint8)).lines
            if number % 33 == 0:
                print(peak())
""")


def test_a_page_of_long_lines_takes_less_than_600_mb() -> None:
    """A sheet at 200 dpi, twice, in a process of its own."""
    lines, _, peak = run(PAGE).rpartition(" ")
    assert lines == "[9, 9]"
    assert 200 < int(peak) < 600


def test_a_large_screen_of_small_print_takes_less_than_a_gigabyte() -> None:
    """33 million pixels, which are 100 MB, seen whole and in tiles of two scales."""
    lines, peak = map(int, run(SCREEN).split())
    assert lines == 24
    assert 300 < peak < 1000


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_ever_new_sizes_of_pages_do_not_add_up(backend: str) -> None:
    """The peak after 99 of them against after 66: 4 MB for each would be 130."""
    _, before, after = map(int, run(SIZES, backend).split())
    assert before > 100
    assert after - before < 60


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PEAK + program, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
