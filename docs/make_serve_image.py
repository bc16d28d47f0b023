"""Draw docs/images/serve.png: the page of `ocrx serve` with two readers.

pip install playwright
ocrx serve --port 8765
python docs/make_serve_image.py http://127.0.0.1:8765/ --browser /usr/bin/chromium
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PICTURE = HERE.parent / "examples" / "label.png"
TARGET = HERE / "images" / "serve.png"
PATIENCE = 90_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="of a service that runs")
    parser.add_argument("--browser", help="the executable of a Chromium; default: playwright's own")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=asked.browser, args=["--no-sandbox"])
        page = started.new_page(viewport={"width": 1200, "height": 960})
        page.goto(asked.url)
        page.wait_for_selector("select[name=recognizer] optgroup", state="attached")
        page.click("#compare")
        page.fill(".second input[name=preprocessor]", "median(size=7)")
        page.keyboard.press("Tab")
        page.click(".second summary")
        page.set_input_files("#open", PICTURE)
        page.wait_for_selector("#status:has-text('read.')", timeout=PATIENCE)
        page.focus(".lines li")
        for _ in range(8):
            page.keyboard.press("ArrowDown")
        page.evaluate("scrollTo(0, 0)")
        taken = page.screenshot()
        started.close()
    with Image.open(io.BytesIO(taken)) as picture:
        few = picture.convert("RGB").quantize(
            128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    few.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
