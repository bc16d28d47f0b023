"""What compressing models costs and gains: each model by each chain of methods, on each runtime.

    python benchmarks/compression.py DATA --test TEST --markdown docs/compression.md
    python benchmarks/compression.py DATA --models paddle:v6-tiny --chains quantize --limit 64

A chain is methods with a comma between them, and then options of theirs, or a budget, with a space
before each: "prune,quantize prune.ratio=0.2 quantize.mode=dynamic", "quantize budget=0.5".

DATA calibrates and teaches, the figures are of TEST, or of every second picture of DATA. Both are
lines in any form that `ocrx bench` reads (`ocrx synth` draws some). Each cell is a run of `ocrx
compress`, whose folder is kept under --work: a run that was stopped is repeated, and none that was
finished. So a table can grow by models and chains from one call to the next. Figures before and
after are measured in turns by the harness, with 95 % intervals.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ocrx.version import VERSION
from ocrx.weights.records import Figure, Record, record_of

MODELS = ("crnn", "paddle:v6-small", "paddle:v6-tiny", "easyocr:english_g2")
CHAINS = (
    "quantize", "quantize quantize.reduce_range=yes", "quantize budget=0.5",
    "quantize quantize.mode=dynamic", "quantize quantize.mode=fp16", "sparsify sparsify.steps=0",
    "prune prune.ratio=0.1 prune.steps=0", "prune prune.ratio=0.1",
    "prune,distill,quantize prune.ratio=0.1 prune.steps=0",
)  # fmt: skip
RUNTIMES = ("onnxruntime", "openvino")
HEADINGS = (
    "methods", "runtime", "MB", "of before", "ms", "of before", "characters", "before",
    "exact lines", "before",
)  # fmt: skip


def main() -> int:
    """Compress what is not yet compressed, and print the table or write it. Returns 1 if a cell
    failed."""
    asked = _arguments()
    failed = [
        f"{model}, {chain}"
        for model in asked.models
        for chain in asked.chains
        if not compressed(asked, model, chain)
    ]
    text = "\n".join(document(asked.work, asked.models, asked.chains)) + "\n"
    if asked.markdown is None:
        print(text)
    else:
        asked.markdown.write_text(text, "utf-8")
    for one in failed:
        print(f"failed: {one}", file=sys.stderr)
    return 1 if failed else 0


def compressed(asked: argparse.Namespace, model: str, chain: str) -> bool:
    """Compress the model unless that is done. Whether its folder is there."""
    folder = place(asked.work, model, chain)
    if folder.exists():
        return True
    command = [sys.executable, "-m", "ocrx_cli", "compress", model]
    command += ["--data", str(asked.data), "--output", str(folder)]
    if asked.test is not None:
        command += ["--test", str(asked.test)]
    command += [part for one in asked.backends for part in ("--backend", one)]
    methods, *options = chain.split()
    command += ["--method", methods]
    for key, _, value in (option.partition("=") for option in options):
        own = ["--budget", value] if key == "budget" else ["--set", f"compressor.{key}={value}"]
        command += own
    used = [one for one in asked.settings if one.split(".")[1:2] and one.split(".")[1] in methods]
    command += [part for one in used for part in ("--set", one)]
    if asked.limit:
        command += ["--limit", str(asked.limit)]
    print(" ".join(command), file=sys.stderr)
    asked.work.mkdir(parents=True, exist_ok=True)
    subprocess.run(command, check=False)
    return folder.exists()


def place(work: Path, model: str, chain: str) -> Path:
    """The folder of a cell."""
    name = f"{model} {chain}"
    return work / "".join(char if char.isalnum() or char in ".-" else "-" for char in name)


def document(work: Path, models: Sequence[str], chains: Sequence[str]) -> Iterator[str]:
    """The lines of the document, a table for each model that was compressed."""
    yield from ("# What compressing gains and costs", "")
    yield "Written by `benchmarks/compression.py`. See [how to compress](guide/compress.md)."
    for model in models:
        found = {chain: record_of(place(work, model, chain)) for chain in chains}
        records = {chain: one[0] for chain, one in found.items() if one is not None}
        if records:
            yield from ("", f"## {model}", "")
            yield from _table(records)
            yield from ("", *_notes(records))


def _table(records: Mapping[str, Record]) -> Iterator[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"|{' --- |' * len(HEADINGS)}"
    for chain, record in records.items():
        for before, after in zip(record.before, record.after, strict=True):
            yield f"| {' | '.join(_row(chain, before, after))} |"


def _row(chain: str, before: Figure, after: Figure) -> tuple[str, ...]:
    return (
        chain,
        f"{after.runtime} {after.precision}",
        f"{after.megabytes:.2f}",
        f"{after.megabytes / before.megabytes:.2f}",
        f"{after.ms:.1f}",
        f"{after.ms / before.ms:.2f}",
        _percent(after.accuracy),
        _percent(before.accuracy),
        _percent(after.exact),
        _percent(before.exact),
    )


def _percent(triple: Sequence[float] | None) -> str:
    if triple is None:
        return "-"
    value, low, high = triple
    return f"{value:.1f} % ({low:.1f} to {high:.1f})"


def _notes(records: Mapping[str, Record]) -> Iterator[str]:
    """What was done, on what, and where."""
    for chain, record in records.items():
        for step in record.steps:
            if step.notes:
                yield f"- {chain}: {'; '.join(step.notes)}."
    first = next(iter(records.values()))
    flags = " ".join(first.machine.get("cpu_flags", ())) or "no vector instructions"
    yield (
        f"- Learnt from {first.data['samples']} pictures of {first.data['name']}, measured on "
        f"{first.held['samples']} of {first.held['name']}, with ocrx {VERSION} on "
        f"{first.machine.get('cpu', 'an unknown processor')} ({flags})."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--chains", nargs="+", default=CHAINS)
    parser.add_argument("--backends", nargs="+", default=RUNTIMES)
    parser.add_argument("--work", type=Path, default=Path("runs/compression"))
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="KEY=VALUE",
        help="Options of compressors, as of `ocrx compress`; each chain gets those of its methods.",
    )  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
