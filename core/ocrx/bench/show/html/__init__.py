"""A run as one HTML file that needs nothing else: no network, no scripts, no fonts.

`page` gathers what the report shows; the templates decide how it looks.
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
    """Raise UsageError, with the remedy, if packages for reports are missing. Call it before a long
    run."""
    bench_module("jinja2")
    bench_module("rapidfuzz")


def to_html(result: Result, dataset: Dataset | None = None) -> str:
    """The report as HTML. With `dataset`, it shows the pictures that were read worst, reduced.

    Raises UsageError if the extra `bench` is not installed.
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
