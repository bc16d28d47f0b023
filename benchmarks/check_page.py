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
import base64
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from check_report import OVERFLOW, THEMES, WIDTHS

PATIENCE = 90_000
"""Milliseconds for a picture to be read."""
READ = "#status:has-text('read.')"
TABS = 12
"""How often Tab may be pressed until it comes to a text that was read."""

SENT = """async ([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "a.png", { type: "image/png" }));
  const given = { bubbles: true, cancelable: true };
  dispatchEvent(name === "drop"
    ? new DragEvent(name, { ...given, dataTransfer: data })
    : new ClipboardEvent(name, { ...given, clipboardData: data }));
}"""
"""Drops or pastes a picture, as a browser does."""


@dataclass(frozen=True)
class Functions:
    """What the page can do, each thing once, without a network but for the service."""

    browser: Any
    url: str
    picture: Path

    def problems(self) -> Iterator[str]:
        """What does not work."""
        context = self.browser.new_context(accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.url)
        context.route(lambda one: not one.startswith(self.url), lambda route: route.abort())
        page = context.new_page()
        page.goto(self.url)
        page.wait_for_selector("select[name=recognizer] optgroup", state="attached")
        for check in (
            self.ways_in, self.keyboard, self.copy, self.downloads, self.choices, self.errors,
        ):  # fmt: skip
            yield from (f"{check.__name__}: {one}" for one in check(page))
        context.close()

    def ways_in(self, page: Any) -> Iterator[str]:
        """Drop, paste, photograph, open."""
        texts = []
        for name in ("drop", "paste"):
            content = base64.b64encode(self.picture.read_bytes()).decode()
            page.evaluate(SENT, [name, content])
            texts.append(self.reading(page))
        for field in ("#camera", "#open"):
            page.set_input_files(field, self.picture)
            texts.append(self.reading(page))
        if page.get_attribute("#camera", "capture") != "environment":
            yield "a phone is not asked for its camera"
        if not texts[0] or len({tuple(one) for one in texts}) > 1:
            yield f"the same picture says {texts}"

    def keyboard(self, page: Any) -> Iterator[str]:
        """From the top of the page to the second line of the text, without a mouse."""
        page.evaluate("document.activeElement.blur()")
        seen = []
        for _ in range(TABS):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("document.activeElement.id || document.activeElement.tagName")
            )
            if seen[-1] == "LI":
                break
        page.keyboard.press("ArrowDown")
        if seen[0] != "open" or "compare" not in seen or page.locator(".lines li.lit").count() != 1:
            yield f"Tab goes to {seen}"

    def copy(self, page: Any) -> Iterator[str]:
        page.evaluate("navigator.clipboard.writeText('')")
        page.click(".copy")
        page.wait_for_function("navigator.clipboard.readText()")
        copied = page.evaluate("navigator.clipboard.readText()").split()
        if copied != " ".join(self.lines(page)).split():
            yield f"{copied} was copied"

    def downloads(self, page: Any) -> Iterator[str]:
        """Each format that there is."""
        forms = page.locator("select.download option").all_inner_texts()[1:]
        for form in forms:
            with page.expect_download(timeout=PATIENCE) as got:
                page.select_option("select.download", form)
            content = Path(got.value.path()).read_bytes()
            if not content or (form == "pdf" and not content.startswith(b"%PDF-")):
                yield f"{form} is {content[:20]!r}"
            page.wait_for_selector(".facts:has-text('ms')")
        if not {"text", "json", "pdf", "hocr", "alto", "markdown"} <= set(forms):
            yield f"there are only {forms}"

    def choices(self, page: Any) -> Iterator[str]:
        """Recogniser, runtime, pattern and preprocessing, which take effect at once."""
        page.click("#choices summary")
        chosen = page.locator("select[name=recognizer] option:not(:disabled)").all()
        values = [one.get_attribute("value") for one in chosen]
        page.select_option("select[name=recognizer]", next(one for one in values if "v6" in one))
        wait_for_reading(page)
        page.select_option("select[name=backend]", "openvino")
        wait_for_reading(page)
        page.select_option("select.add", "clahe")
        page.dispatch_event("input[name=preprocessor]", "change")
        wait_for_reading(page)
        facts = page.inner_text(".facts")
        if "openvino" not in facts or "clahe" not in facts:
            yield f"it was read with {facts}"
        page.fill("input[name=pattern]", r"no such code \d{40}")
        page.keyboard.press("Enter")
        wait_for_reading(page)
        if page.locator(".left-out:has-text('no match')").count() != len(self.lines(page)):
            yield "it is not said which lines match no pattern"
        page.fill("input[name=pattern]", re.escape(self.lines(page)[0]).replace("\\ ", " "))
        page.keyboard.press("Enter")
        wait_for_reading(page)
        if page.locator(".lines li:has-text('✓')").count() != 1:
            yield f"it is not said which line matches: {self.lines(page)}"

    def errors(self, page: Any) -> Iterator[str]:
        """What the service says is shown, and the page goes on."""
        page.fill("input[name=pattern]", "[A-")
        page.keyboard.press("Enter")
        wait_for_reading(page)
        if "pattern" not in page.inner_text(".error").lower():
            yield f"a wrong pattern is told as {page.inner_text('.error')!r}"
        page.fill("input[name=pattern]", "")
        page.keyboard.press("Enter")
        wait_for_reading(page)
        if page.is_visible(".error") or not self.lines(page):
            yield "after an error nothing is read"

    def reading(self, page: Any) -> list[str]:
        """The lines, once they are read."""
        wait_for_reading(page)
        return self.lines(page)

    def lines(self, page: Any) -> list[str]:
        return [str(one).rpartition("\n")[0] for one in page.locator(".lines li").all_inner_texts()]


def wait_for_reading(page: Any) -> None:
    """Until what was just begun has been read."""
    page.wait_for_timeout(50)
    page.wait_for_selector(READ, timeout=PATIENCE)


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
        page.wait_for_selector(READ, timeout=PATIENCE)
        if page.is_visible("#photograph") != (self.width == "phone"):
            yield "the button for photographs is there without a camera, or the other way round"
        yield from self.look(page, "read")
        page.focus(".lines li")
        page.keyboard.press("ArrowDown")
        lit = page.evaluate("[...document.querySelectorAll('.lit')].map((one) => one.tagName)")
        if lit != ["polygon", "LI"]:
            yield f"the arrow keys light {lit}, not a box and a line"
        page.click("#compare")
        page.fill(".second input[name=preprocessor]", "otsu")
        page.keyboard.press("Tab")
        wait_for_reading(page)
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
        found += Functions(browser, asked.url, asked.picture).problems()
        browser.close()
    for problem in found:
        print(problem)
    print(f"{len(found)} problems in {len(THEMES) * len(WIDTHS)} views")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
