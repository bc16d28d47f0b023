"""`ocrx matrix --compare OLD NEW`: what became faster, slower, better or worse between two runs."""

from __future__ import annotations

from pathlib import Path

REGRESSED = 1


def compare_files(
    old: Path, new: Path, *, threshold: float = 5.0, loss: float = 1.0, force: bool = False
) -> int:
    """Print the comparison of two files that `--json` wrote.

    A regression is more than `threshold` percent slower or more than `loss` points less accurate.
    Returns the exit code: 1 if there is one. Raises InputError for a file that is not a result,
    UsageError for limits below zero, and for runs that cannot be compared unless `force` is True.
    """
    from ocrx.bench.figures.compare import compare
    from ocrx.bench.show.comparison_table import print_comparison
    from ocrx.bench.show.files import load_result
    from ocrx.errors import UsageError
    from ocrx_cli.work.bench.outputs import terminal

    if threshold < 0 or loss < 0:
        raise UsageError("--threshold and --loss cannot be less than nothing", "Give 0 or more.")
    comparison = compare(load_result(old), load_result(new), threshold, loss=loss, force=force)
    print_comparison(comparison, terminal())
    return REGRESSED if comparison.regressions else 0
