"""What `ocrx bench` and `ocrx matrix` show of a run: the table, and the files asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ocrx.errors import OutputError, UsageError
from ocrx.images import printable

if TYPE_CHECKING:
    from rich.console import Console

    from ocrx.bench.dataset import Dataset
    from ocrx.bench.result import Result


def check_reports(
    *,
    csv: Path | None,
    markdown: Path | None,
    html: Path | None,
    json: Path | None = None,
    journal: Path | None = None,
) -> None:
    """To be called before a long run, so that nothing is missing after it.

    Raises UsageError if a report cannot be made or two outputs would be one file, OutputError if
    the folder of a file is not there or the file is one.
    """
    paths = [path for path in (json, csv, markdown, html) if path is not None]
    outputs = paths if journal is None else [*paths, journal]
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise UsageError("two outputs would be written to one file", "Give each its own name.")
    for path in paths:
        if not path.absolute().parent.is_dir():
            raise OutputError(
                f"cannot write {printable(str(path))}: there is no such folder",
                f"Make it: mkdir -p {printable(str(path.parent))}",
            )
        if path.is_dir():
            raise OutputError(
                f"cannot write {printable(str(path))}: it is a folder", "Give the name of a file."
            )
    if html is not None:
        from ocrx.bench.report import check_available

        check_available()


def show(
    result: Result,
    dataset: Dataset | None = None,
    *,
    csv: Path | None = None,
    markdown: Path | None = None,
    html: Path | None = None,
) -> None:
    """The table on stdout, and the reports in their files: all of them, even if stdout is closed.

    Raises OutputError where one cannot be written, BrokenPipeError if nobody reads stdout.
    """
    if csv is not None:
        from ocrx.bench.csv import to_csv

        write(csv, to_csv(result))
    if markdown is not None:
        from ocrx.bench.markdown import to_markdown

        write(markdown, to_markdown(result))
    if html is not None:
        from ocrx.bench.report import to_html

        write(html, to_html(result, dataset))
    from ocrx.bench.table import print_result

    print_result(result, terminal())


def write(path: Path, text: str) -> None:
    """A report, whole. Raises OutputError."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(
            f"cannot write {printable(str(path))}: {error.strerror or error}",
            "Give a file that can be written, on a disk with room.",
        ) from error


def terminal() -> Console:
    """Stdout for tables. What its encoding lacks is written as an escape."""
    from rich.console import Console

    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console(file=sys.stdout, quiet=sys.stdout is None, highlight=False)
