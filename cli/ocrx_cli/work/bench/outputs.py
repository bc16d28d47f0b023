"""The results of `ocrx bench` and `ocrx matrix`: on the terminal, and in the files asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.result import Result
from ocrx.bench.show.files import save_result
from ocrx.errors import OutputError, UsageError
from ocrx.system.text import printable
from ocrx_cli.work.bench.account import show_account

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Outputs:
    """The files to write. None for those that nobody asked for."""

    json: Path | None = None
    html: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None

    def check(self, journal: Path | None) -> None:
        """Find out before hours of measuring whether the files can be written.

        Raises UsageError if two would be the same file or a package is missing, OutputError if the
        folder of a file does not exist or the file is a folder.
        """
        paths = [path for path in (self.json, self.csv, self.markdown, self.html) if path]
        _check_distinct(paths if journal is None else [*paths, journal])
        for path in paths:
            _check_writable(path)
        if self.html is not None:
            from ocrx.bench.show.html import check_available

            check_available()

    def write(self, result: Result, dataset: Dataset, *, table: bool) -> None:
        """Write the files, and print the table, or the account of a single cell."""
        if self.json:
            save_result(result, self.json)
        if table:
            show(result, dataset, csv=self.csv, markdown=self.markdown, html=self.html)
            return
        if self.html:
            from ocrx.bench.show.html import to_html

            write(self.html, to_html(result, dataset))
        show_account(result)


def _check_distinct(paths: Sequence[Path]) -> None:
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("two outputs would be written to one file", "Give each its own name.")


def _check_writable(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise OutputError(
            f"cannot write {printable(str(path))}: there is no such folder",
            f"Make it: mkdir -p {printable(str(path.parent))}",
        )
    if path.is_dir():
        raise OutputError(
            f"cannot write {printable(str(path))}: it is a folder", "Give the name of a file."
        )


def show(
    result: Result,
    dataset: Dataset | None = None,
    *,
    csv: Path | None = None,
    markdown: Path | None = None,
    html: Path | None = None,
) -> None:
    """Write the files, then print the table. All files are written even if stdout is closed.

    Raises OutputError for a file that cannot be written, BrokenPipeError if nobody reads stdout.
    """
    if csv is not None:
        from ocrx.bench.show.csv import to_csv

        write(csv, to_csv(result))
    if markdown is not None:
        from ocrx.bench.show.markdown import to_markdown

        write(markdown, to_markdown(result))
    if html is not None:
        from ocrx.bench.show.html import to_html

        write(html, to_html(result, dataset))
    from ocrx.bench.show.table import print_result

    print_result(result, terminal())


def write(path: Path, text: str) -> None:
    """Write the whole file. Raises OutputError."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(
            f"cannot write {printable(str(path))}: {error.strerror or error}",
            "Give a file that can be written, on a disk with room.",
        ) from error


def terminal() -> Console:
    """Standard output for tables. Characters that its encoding lacks are escaped."""
    from rich.console import Console

    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console(file=sys.stdout, quiet=sys.stdout is None, highlight=False)
