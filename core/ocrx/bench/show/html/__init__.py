"""A run as one HTML file that needs nothing else: no network, no script, no fonts.

`page` gathers what it shows; what it looks like is in templates/.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ocrx.bench.data.extra import bench_module

if TYPE_CHECKING:
    from ocrx.bench.data.dataset import Dataset
    from ocrx.bench.figures.result import Result

TEMPLATES = Path(__file__).parent / "templates"


def check_available() -> None:
    """Call it before a long run. Raises UsageError with the remedy if reports cannot be made."""
    bench_module("jinja2")
    bench_module("rapidfuzz")


def to_html(result: Result, dataset: Dataset | None = None) -> str:
    """The report. With `dataset`, the pictures that were read worst are embedded, reduced.

    Raises UsageError where the extra `bench` is not installed.
    """
    check_available()
    from ocrx.bench.show.html.page import page

    jinja = bench_module("jinja2")
    environment = jinja.Environment(
        loader=jinja.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html: str = environment.get_template("report.html").render(page(result, dataset))
    return html
