"""Check the page of `ocrx serve` in a real browser, light and dark, wide and as on a phone.

It must read a picture, with one reader and with two, pass axe-core's accessibility rules, fetch
from the service alone, fit into the window, and be usable with the keyboard. With --pictures,
screenshots are written.

pip install playwright axe-playwright-python
ocrx serve --port 8765
python benchmarks/check_page.py http://127.0.0.1:8765/ examples/label.png --pictures shots/

The exit code is 1 if there is a problem. Each theme and width is a fresh page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from check_report import OVERFLOW, THEMES, WIDTHS

PATIENCE = 90_000
"""Milliseconds for a picture to be read."""


@dataclass(frozen=True)
class View:
    """One way to look at the page."""

    theme: str
    width: str
    pictures: Path | None

    def problems(self, browser: Any, url: str, picture: Path) -> Iterator[str]:
        """What is wrong, with where it is."""
        wide, high = WIDTHS[self.width]
        phone = self.width == "phone"
        context = browser.new_context(
            color_scheme=self.theme,
            viewport={"width": wide, "height": high},
            has_touch=phone,
            is_mobile=phone,
        )
        page = context.new_page()
        said: list[str] = []
        page.on("request", lambda one: said.append(f"fetched {one.url}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.goto(url)
        page.wait_for_selector("select[name=recognizer] optgroup", state="attached")
        found = [*self.look(page, "empty"), *self.use(page, picture)]
        context.close()
        kept = (f"fetched {url}", "fetched blob:", "fetched data:")
        found += [one for one in said if not one.startswith(kept)]
        yield from (f"{self.theme}, {self.width}: {one}" for one in found)

    def use(self, page: Any, picture: Path) -> Iterator[str]:
        """Read with one reader, with two, and by keyboard."""
        page.set_input_files("#open", picture)
        page.wait_for_selector("#status:has-text('read.')", timeout=PATIENCE)
        yield from self.look(page, "read")
        page.focus(".lines li")
        page.keyboard.press("ArrowDown")
        lit = page.evaluate("[...document.querySelectorAll('.lit')].map((one) => one.tagName)")
        if lit != ["polygon", "LI"]:
            yield f"the arrow keys light {lit}, not a box and a line"
        page.select_option("select.download", "text")
        with page.expect_download(timeout=PATIENCE) as got:
            pass
        if not Path(got.value.path()).read_text("utf-8").strip():
            yield "nothing was downloaded"
        page.click("#compare")
        page.fill(".second input[name=preprocessor]", "otsu")
        page.keyboard.press("Tab")
        page.wait_for_selector("#status:has-text('Reading')")
        page.wait_for_selector("#status:has-text('read.')", timeout=PATIENCE)
        if page.locator(".result").count() != 2:
            yield "there are not two results"
        yield from self.look(page, "two")

    def look(self, page: Any, what: str) -> Iterator[str]:
        """Hold the page against the rules, and photograph it."""
        from axe_playwright_python.sync_playwright import Axe

        for violation in Axe().run(page).response["violations"]:
            places = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
            yield f"{what}: {violation['id']}: {violation['help']} ({places})"
        if over := page.evaluate(OVERFLOW):
            yield f"{what}: {over} pixels wider than the window"
        if self.pictures:
            name = f"page-{what}-{self.theme}-{self.width}.png"
            page.screenshot(path=self.pictures / name, full_page=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="of a service that runs")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--browser", help="the executable of a Chromium; default: playwright's own")
    parser.add_argument("--pictures", type=Path, help="a folder for screenshots")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=asked.browser, args=["--no-sandbox", "--disable-gpu"]
        )
        found = [
            problem
            for theme in THEMES
            for width in WIDTHS
            for problem in View(theme, width, asked.pictures).problems(
                browser, asked.url, asked.picture
            )
        ]
        browser.close()
    for problem in found:
        print(problem)
    print(f"{len(found)} problems in {len(THEMES) * len(WIDTHS)} views")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
