"""The work of `ocrx compress`: compress, and show what was gained and lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ocrx.bench.data.dataset import Dataset, limited
from ocrx.bench.data.extra import bench_module
from ocrx.bench.data.load import load_dataset
from ocrx.bench.data.sample import sample_lines, sample_pages
from ocrx.compression.chain import Order, compress
from ocrx.errors import UsageError
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings
from ocrx.reading.assembly import Assembly
from ocrx.reading.options import check_options
from ocrx.system.stopping import ended_in_order
from ocrx.system.text import printable
from ocrx.weights.records import Figure, Record
from ocrx.weights.store import Store
from ocrx_cli.terminal.console import note, print_json, print_line, print_table
from ocrx_cli.terminal.progress import MeasuringBar, conversion_bar, download_bar
from ocrx_cli.work.bench.run import folding

GENERATED_PAGES = 24
HEADINGS = ("", "RUNTIME", "PRECISION", "MB", "MS", "ACCURACY", "EXACT LINES")


@dataclass(frozen=True)
class CompressArguments:
    """The command line of `ocrx compress`."""

    model: str
    output: Path
    methods: Sequence[str]
    task: str
    data: Path | None
    test: Path | None
    budget: float | None
    backends: Sequence[str]
    limit: int | None
    fold: Sequence[str]
    seed: int
    settings: Sequence[str]


def run(arguments: CompressArguments, as_json: bool) -> int:
    """Compress, and show the record. Returns the exit code: 1 if the budget is not kept."""
    for name in ("psutil", "cattrs"):
        bench_module(name)
    if not arguments.methods:
        raise UsageError("no method was given", "Give one or more, as in --method quantize.")
    registry = load_plugins()
    options = parse_settings(arguments.settings)
    check_options(
        [key for key in options if key.split(".")[0] == "compressor"],
        {"compressor": arguments.methods},
    )
    order = Order(
        "detector" if arguments.task == "detection" else "recognizer",
        arguments.model,
        arguments.methods,
        _data(arguments),
        limited(load_dataset(arguments.test), arguments.limit) if arguments.test else None,
        arguments.backends,
        arguments.budget,
        arguments.seed,
        folding(arguments.fold),
        options,
    )
    assembly = Assembly(registry, Store(progress=download_bar), options)
    with ended_in_order(), conversion_bar() as progress, MeasuringBar() as bar:
        record = compress(order, assembly, arguments.output, progress, bar)
    if as_json:
        print_json(asdict(record))
    else:
        print_line(printable(str(arguments.output)))
        print_figures(record)
    return 0 if kept(record) else 1


def kept(record: Record) -> bool:
    """Whether the budget is kept."""
    if record.budget is None:
        return True
    return record.before[0].accuracy[0] - record.after[0].accuracy[0] <= record.budget


def print_figures(record: Record) -> None:
    """A table of what the model read and took before and after, and the verdict."""
    pairs = zip(record.before, record.after, strict=True)
    rows = [row for a, b in pairs for row in (_row("before", a), _row("after", b))]
    print_table([HEADINGS, *rows])
    print_line(record.verdict)


def _row(when: str, figure: Figure) -> tuple[str, ...]:
    return (
        when,
        figure.runtime,
        figure.precision,
        f"{figure.megabytes:.2f}",
        f"{figure.ms:.1f}",
        _percent(figure.accuracy),
        "-" if figure.exact is None else _percent(figure.exact),
    )


def _percent(triple: Sequence[float]) -> str:
    value, low, high = triple
    return f"{value:.2f} % ({low:.1f} to {high:.1f})"


def _data(arguments: CompressArguments) -> Dataset:
    if arguments.data is not None:
        return limited(load_dataset(arguments.data), arguments.limit)
    note("no --data was given, so generated pictures are used; your own say more")
    return sample_pages(GENERATED_PAGES) if arguments.task == "detection" else sample_lines()
