"""A run as one HTML file that needs nothing else: no network, no scripts, no fonts.

`page` gathers what the report shows; the templates decide how it looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ocrx.bench.data.extra import bench_module

if TYPE_CHECKING:
    from ocrx.bench.data.dataset import Dataset
    from ocrx.bench.figures.result import Result


def check_available() -> None:
    """Raise UsageError, with the remedy, if packages for reports are missing. Call it before a long
    run."""
    bench_module("jinja2")
    bench_module("rapidfuzz")


def to_html(result: Result, dataset: Dataset | None = None) -> str:
    """The report as HTML. With `dataset`, it shows the pictures that were read worst, reduced.

    Raises UsageError if the extra `bench` is not installed.
    """
    from ocrx.bench.show.html.page import page

    return _rendered("report.html", page(result, dataset))


def to_svg(result: Result, width: int = 960, height: int = 520) -> str:
    """The report's plot of accuracy against time as an SVG file, in pixels, for documentation; ""
    if no cell has both. It is light or dark as its viewer prefers.

    Raises UsageError if the extra `bench` is not installed.
    """
    from ocrx.bench.show.html.page import chart

    variables = chart(result, width, height)
    return _rendered("chart.svg", variables) if variables else ""


def _rendered(name: str, variables: Mapping[str, Any]) -> str:
    check_available()
    from ocrx.bench.show.html.page import TEMPLATES

    jinja = bench_module("jinja2")
    environment = jinja.Environment(
        loader=jinja.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text: str = environment.get_template(name).render(variables)
    return text
