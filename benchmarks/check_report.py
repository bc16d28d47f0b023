"""Check a report in a real browser, light and dark, wide and as on a phone.

It must pass axe-core's accessibility rules, fetch nothing, and fit into the window. With
--pictures, screenshots are written.

pip install playwright axe-playwright-python
python benchmarks/check_report.py report.html --browser /usr/bin/chromium --pictures shots/

The exit code is 1 if there is a problem. Each theme and width is a fresh page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
# Wider than the window, and not in a region that scrolls by itself.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--browser", help="the executable of a Chromium; default: playwright's own")
    parser.add_argument("--pictures", type=Path, help="a folder for screenshots and a PDF")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=asked.browser, args=["--no-sandbox", "--disable-gpu"]
        )
        found = [
            problem
            for theme in THEMES
            for width in WIDTHS
            for problem in look(browser, asked.report, theme, width, asked.pictures)
        ]
        if asked.pictures:
            printed(browser, asked.report, asked.pictures)
        browser.close()
    for problem in found:
        print(problem)
    print(f"{len(found)} problems in {len(THEMES) * len(WIDTHS)} views")
    return 1 if found else 0


def look(
    browser: Any, report: Path, theme: str, width: str, pictures: Path | None
) -> Iterator[str]:
    """The problems of one view."""
    from axe_playwright_python.sync_playwright import Axe

    wide, high = WIDTHS[width]
    page = browser.new_page(color_scheme=theme, viewport={"width": wide, "height": high})
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(report.resolve().as_uri())
    where = f"{theme}, {width}"
    for violation in Axe().run(page).response["violations"]:
        places = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
        yield f"{where}: {violation['id']}: {violation['help']} ({places})"
    for url in fetched:
        if not url.startswith(("file:", "data:")):
            yield f"{where}: fetched {url}"
    if over := page.evaluate(OVERFLOW):
        yield f"{where}: {over} pixels wider than the window"
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=pictures / f"{report.stem}-{theme}-{width}.png", full_page=True)
    page.close()


def printed(browser: Any, report: Path, pictures: Path) -> None:
    """As a PDF, the way the report asks to be printed."""
    page = browser.new_page()
    page.goto(report.resolve().as_uri())
    page.pdf(path=pictures / f"{report.stem}.pdf", prefer_css_page_size=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
