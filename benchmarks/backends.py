"""Compare runtimes on the same networks: time for a call, interleaved.

    python benchmarks/backends.py onnxruntime torch:fp32 torch:bf16 --threads 1

Runtimes are NAME[:PRECISION], by default fp32; ratios are to the first. Each has a process of its
own and waits while another works. In every round each makes one call for each network and shape, in
turn (A B A B), so that a change of the machine's speed affects all alike. The order is reversed
from round to round. The figures are medians over the rounds, of elapsed time and of processor time.
On a busy machine compare the latter, best with one thread.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections import defaultdict
from multiprocessing.connection import Connection
from typing import TypeAlias

import numpy as np

from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.names import PRECISIONS
from ocrx.plugins.registrar import Kind

Shape: TypeAlias = tuple[int, ...]
Case: TypeAlias = tuple[str, Shape]
Times: TypeAlias = dict[tuple[str, Case], list[tuple[float, float]]]

KINDS: dict[str, Kind] = {"det": "detector", "rec": "recognizer", "cls": "orienter"}
SHAPES: dict[str, list[Shape]] = {
    "det": [(1, 3, 640, 640), (1, 3, 640, 960)],
    "rec": [(1, 3, 48, 320), (1, 3, 48, 640), (6, 3, 48, 320)],
    "cls": [(6, 3, 48, 192)],
}


def open_session(network: str, backend: str, device: str, threads: int | None) -> Session:
    from ocrx.plugins.registry import load_plugins
    from ocrx.reading.assembly import Assembly
    from ocrx.weights.store import Store

    registry, kind = load_plugins(), KINDS[network]
    spec = next(iter(registry.get(kind, "paddle").models().values()))
    name, _, asked = backend.partition(":")
    precision = next((one for one in PRECISIONS if one == (asked or "fp32")), None)
    if precision is None:
        raise ValueError(f"{asked!r} is no precision; there are {', '.join(PRECISIONS)}")
    options = SessionOptions(device, precision, threads)
    assembly = Assembly(registry, Store())
    runtime = assembly.runtime(spec, name)
    artifact = assembly.artifact(
        spec, runtime, options, lambda: assembly.calibration(kind, "paddle")
    )
    return runtime.open(artifact, options)


def worker(
    backend: str, device: str, threads: int | None, cases: list[Case], pipe: Connection
) -> None:
    """Serve one runtime: a case in, (seconds, processor seconds) out; None ends it."""
    try:
        sessions = {name: open_session(name, backend, device, threads) for name, _ in cases}
    except Exception as error:  # whatever it is, the parent tells it and ends
        pipe.send(f"{backend}: {error}")
        return
    pipe.send(", ".join(f"{n} {s.device} {s.precision}" for n, s in sessions.items()))
    random = np.random.default_rng(0)
    while (case := pipe.recv()) is not None:
        name, shape = case
        session = sessions[name]
        feeds = {session.inputs[0].name: random.uniform(-1, 1, shape).astype(np.float32)}
        started, cpu = time.perf_counter(), time.process_time()
        session.run(feeds)
        pipe.send((time.perf_counter() - started, time.process_time() - cpu))


def measure(arguments: argparse.Namespace, cases: list[Case]) -> Times:
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    for backend in arguments.backends:
        pipes[backend], theirs = context.Pipe()
        given = (backend, arguments.device, arguments.threads, cases, theirs)
        context.Process(target=worker, args=given, daemon=True).start()
        opened = pipes[backend].recv()
        if opened.startswith(f"{backend}: "):
            raise SystemExit(opened)
        print(f"{backend}: {opened}")
    times: Times = defaultdict(list)
    for number in range(arguments.warm + arguments.rounds):
        order = list(pipes) if number % 2 else list(reversed(pipes))
        for case in cases:
            for backend in order:
                pipes[backend].send(case)
                found = pipes[backend].recv()
                if number >= arguments.warm:
                    times[backend, case].append(found)
    for pipe in pipes.values():
        pipe.send(None)
    return times


def report(times: Times, backends: list[str], cases: list[Case]) -> None:
    """A table for people, and for a document: Markdown."""
    columns = [f"{b} ms, processor ms" for b in backends]
    columns += [f"{b} / {backends[0]}" for b in backends[1:]]
    print(f"| network | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, shape in cases:
        rows = [times[backend, (name, shape)] for backend in backends]
        wall, cpu = ([statistics.median(t[i] for t in row) * 1e3 for row in rows] for i in (0, 1))
        cells = [f"{w:.1f}, {c:.1f}" for w, c in zip(wall, cpu, strict=True)]
        cells += [
            f"{w / wall[0]:.2f}, {c / cpu[0]:.2f}" for w, c in zip(wall[1:], cpu[1:], strict=True)
        ]
        print(f"| {name} {'x'.join(map(str, shape))} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("backends", nargs="+", metavar="NAME[:PRECISION]")
    parser.add_argument("--networks", default="det,rec,cls")
    parser.add_argument("--shape", help="another shape for all, as 1x3x48x320")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--warm", type=int, default=3, help="rounds that are not counted")
    arguments = parser.parse_args()
    names = arguments.networks.split(",")
    if arguments.shape:
        shape = tuple(int(size) for size in arguments.shape.split("x"))
        cases = [(name, shape) for name in names]
    else:
        cases = [(name, shape) for name in names for shape in SHAPES[name]]
    report(measure(arguments, cases), arguments.backends, cases)


if __name__ == "__main__":
    main()
