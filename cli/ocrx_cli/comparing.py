"""Results on the terminal: one run, or two side by side."""

from __future__ import annotations

from pathlib import Path

from ocrx.bench.result import Result


def show_table(result: Result) -> None:
    from rich.console import Console

    from ocrx.bench.table import print_result

    print_result(result, Console())


def compare_files(old: Path, new: Path, threshold: float, *, force: bool) -> int:
    """Print what changed; the exit code: 1 if something became worse beyond noise."""
    from rich.console import Console

    from ocrx.bench.compare import compare
    from ocrx.bench.comparison_table import print_comparison
    from ocrx.bench.files import load_result

    found = compare(load_result(old), load_result(new), threshold, force=force)
    print_comparison(found, Console())
    return 1 if found.regressions else 0
