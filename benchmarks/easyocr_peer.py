"""Compare ocrx's EasyOCR family with EasyOCR itself, on the same weights: time, quality, texts.

    python benchmarks/easyocr_peer.py DATA --rounds 3
    python benchmarks/easyocr_peer.py DATA --sets ic15_scene --pictures 5 --precision int8

Measured as in benchmarks/peers.py: each engine in an environment and a process of its own, all in
turn, ratios of ocrx's time to theirs. EasyOCR computes in fp32, and as it does by default, with
LSTMs and linear layers in int8.

"lines" is how many of the lines that EasyOCR reads in fp32 an engine reads too, letter by letter.
ocrx reads without a least score and in rows, because EasyOCR drops no lines and knows no columns.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from peer_engines import Job
from peers import Engine, interpreter, measure, print_table, rows, started
from platformdirs import user_cache_path
from sets import PAGES, load

from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store

OURS, REFERENCE = "ocrx easyocr", "easyocr fp32"
ENGINES = (OURS, REFERENCE, "easyocr int8")


def job(precision: str) -> Job:
    """What every engine is to do; "" stands for its name."""
    assembly = Assembly(load_plugins(), Store())
    paths = []
    for kind in ("detector", "recognizer"):
        model = assembly.network(kind, "easyocr")
        assert model
        (source,) = model.spec.artifacts.values()
        paths.append(str(assembly.store.path(source)))
    return Job("", "page", "", paths[0], paths[1], "", None, precision)


def lines_of(engine: Engine) -> list[Counter[str]]:
    """The lines of each picture, with how often each occurs. White space does not count."""
    texts = (answer.text for answer in engine.rounds[-1])
    return [Counter(filter(None, map("".join, map(str.split, t.splitlines())))) for t in texts]


def alike(engine: Engine, reference: Engine) -> str:
    wanted, read = lines_of(reference), lines_of(engine)
    same = sum(sum((one & other).values()) for one, other in zip(wanted, read, strict=True))
    total = sum(one.total() for one in wanted)
    return f"{same} of {total} ({100 * same / max(total, 1):.1f} %)"


def compare(name: str, arguments: argparse.Namespace, pythons: dict[str, Path]) -> None:
    dataset, paths = load(arguments.data, name)
    count = min(arguments.pictures or len(paths), len(paths))
    chosen = [number * len(paths) // count for number in range(count)]
    task = job(arguments.precision)
    with ExitStack() as stack:
        engines = [
            stack.enter_context(started(one, task, python)) for one, python in pythons.items()
        ]
        measure(engines, [paths[number] for number in chosen], arguments.rounds)
        (reference,) = (engine for engine in engines if engine.name == REFERENCE)
        print(f"\n{name}: {count} pictures, {arguments.rounds} rounds, {arguments.precision}\n")
        heading, *table = rows(name, [dataset.samples[number] for number in chosen], engines)
        found: Sequence[Sequence[str]] = [
            [*row, alike(engine, reference)] for row, engine in zip(table, engines, strict=True)
        ]
        print_table([[*heading, "lines"], *found])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=PAGES, choices=PAGES)
    parser.add_argument("--engines", nargs="+", default=ENGINES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, help="of each set, evenly spread; all if not given")
    parser.add_argument("--precision", default="fp32", help="that of ocrx")
    parser.add_argument(
        "--cache", type=Path, default=user_cache_path("ocrx-peers", appauthor=False)
    )
    arguments = parser.parse_args()
    pythons = {
        name: interpreter(name, arguments.cache)
        for name in dict.fromkeys([*arguments.engines, REFERENCE])
    }
    for name in arguments.sets:
        compare(name, arguments, pythons)
    return 0


if __name__ == "__main__":
    sys.exit(main())
