"""Draw docs/images/serve.png: the page of `ocrx serve` with two readers.

pip install playwright
ocrx serve --port 8765
python docs/make_serve_image.py http://127.0.0.1:8765/ --browser /usr/bin/chromium
"""

from __future__ import annotations

from pathlib import Path

import photographs

HERE = Path(__file__).parent
PICTURE = HERE.parent / "examples" / "label.png"
TARGET = HERE / "images" / "serve.png"
PATIENCE = 90_000


def main() -> None:
    parser = photographs.parser(__doc__)
    parser.add_argument("url", help="of a service that runs")
    asked = parser.parse_args()
    with photographs.opened(asked.browser, 1200, 960) as page:
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
    photographs.write(taken, TARGET, 128)


if __name__ == "__main__":
    main()
