"""How much of unusual pages is read, and at what cost: pages that sheets.py draws, by kind.

    python benchmarks/unusual.py --kinds digits signs --count 10 --keep /tmp/unusual

The pages of a kind are read one after the other in a process of their own. The table tells how many
were tried and came out exactly, how many of their lines came out otherwise, of these how many are
missing (no line that was read is like them), on how many pages only their order is another, and the
most processor seconds for a page and the peak memory of the process, models included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from sheets import KINDS

ALIKE = 60
"""Lines are alike from this ratio on, of 100."""


@dataclass(frozen=True)
class Outcome:
    exact: bool
    lines: int
    wrong: int
    missing: int
    disordered: bool
    cpu: float
    memory: float


def read_all(paths: Sequence[str]) -> list[dict[str, Any]]:
    """What is read in files, one after the other in this process, and what each took."""
    from ocrx import Reader
    from ocrx.errors import OcrxError

    done = []
    with Reader() as reader:
        reader.read(np.full((64, 256, 3), 255, np.uint8))
        for path in paths:
            started = time.process_time()
            try:
                page = reader.read(path)
                text, notes = page.text, list(page.notes)
            except OcrxError as error:
                text, notes = "", [str(error)]
            cpu = time.process_time() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            done.append({"text": text, "notes": notes, "cpu": cpu, "memory": peak})
    return done


def compared(expected: Sequence[str], text: str, cpu: float, memory: float) -> Outcome:
    found = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    wrong = [line for line in expected if line not in found]
    missing = [line for line in wrong if not _has_like(found, line)]
    return Outcome(
        list(expected) == found,
        len(expected),
        len(wrong),
        len(missing),
        sorted(expected) == sorted(found) and list(expected) != found,
        cpu,
        memory,
    )


def _has_like(found: Sequence[str], line: str) -> bool:
    best = process.extractOne(line, found, scorer=fuzz.ratio)
    return best is not None and best[1] >= ALIKE


def tried(kind: str, count: int, seed: int, folder: Path) -> list[Outcome]:
    """Draw pages of a kind into a folder, and read them there; what was read lies beside them."""
    sheets = [KINDS[kind](np.random.default_rng([seed, number])) for number in range(count)]
    paths = [folder / f"{kind}-{number}.{sheet.suffix}" for number, sheet in enumerate(sheets)]
    for sheet, path in zip(sheets, paths, strict=True):
        path.write_bytes(sheet.data)
        path.with_suffix(".txt").write_text("\n".join(sheet.lines), "utf-8")
    command = [sys.executable, __file__, "--read", *map(str, paths)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    outcomes = []
    for sheet, path, said in zip(sheets, paths, json.loads(done.stdout), strict=True):
        path.with_suffix(".got").write_text(said["text"], "utf-8")
        path.with_suffix(".notes").write_text("\n".join(said["notes"]), "utf-8")
        outcomes.append(compared(sheet.lines, said["text"], said["cpu"], said["memory"]))
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--count", type=int, default=5, help="pages of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the pages and what was read")
    parser.add_argument("--read", nargs="+", metavar="PATH", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read_all(options.read)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print("kind           tried exact  lines wrong missing disordered  cpu s peak MB")
        for kind in options.kinds:
            outcomes = tried(kind, options.count, options.seed, folder)
            lines = sum(one.lines for one in outcomes)
            print(
                f"{kind:14} {len(outcomes):5} {sum(o.exact for o in outcomes):5} {lines:6}"
                f" {sum(o.wrong for o in outcomes):5} {sum(o.missing for o in outcomes):7}"
                f" {sum(o.disordered for o in outcomes):10}"
                f" {max(o.cpu for o in outcomes):6.1f} {max(o.memory for o in outcomes):7.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
