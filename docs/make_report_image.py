"""Draw docs/images/report.png: the beginning of a report, of a real run on pictures made here.

pip install playwright
python docs/make_report_image.py --browser /usr/bin/chromium

It takes minutes, and a machine with nothing else to do. What is not installed stays in the picture
as missing, with its remedy.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import photographs
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrx_cli.app import main as ocrx

TARGET = Path(__file__).parent / "images" / "report.png"
COUNT = 60
WIDTH = 1120
"""Of the window, in pixels."""


def main() -> None:
    parser = photographs.parser(__doc__)
    parser.add_argument("--rounds", default="5")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        labels = Path(folder, "labels")
        labels.mkdir()
        make_pictures(labels)
        report = Path(folder, "report.html")
        backends = "openvino,onnxruntime,torch,tflite"
        command = ["matrix", str(labels), "-b", backends, "--precisions", "fp32,int8"]
        if ocrx([*command, "--rounds", asked.rounds, "--html", str(report)]):
            raise SystemExit("nothing could be measured")
        photograph(report, asked.browser)


def make_pictures(folder: Path) -> None:
    """Codes as on labels, small and blurred, so that not all can be read; the same every time."""
    random = np.random.default_rng(5)
    letters = list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
    rows = []
    for number in range(COUNT):
        code = "".join(random.choice(letters, 4)) + "-" + "".join(random.choice(letters, 6))
        picture = Image.new("L", (190, 34), int(random.integers(150, 240)))
        font = ImageFont.load_default(int(random.integers(18, 24)))
        ImageDraw.Draw(picture).text((8, 4), code, int(random.integers(20, 90)), font)
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.6, 1.9)))
        noise = random.normal(0, 14, (picture.height, picture.width))
        pixels = np.clip(np.asarray(picture, np.float64) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
        rows.append(f"{number:02}.png\t{code}\n")
    (folder / "labels.tsv").write_text("".join(rows), encoding="utf-8")


def photograph(report: Path, browser: str | None) -> None:
    """The report from its title to the end of its first drawing, in few colours."""
    with photographs.opened(browser, WIDTH, 900) as page:
        page.goto(report.as_uri())
        box = page.locator("#plot").bounding_box()
        if box is None:
            raise SystemExit("the report has no drawing")
        whole = {"x": 0, "y": 0, "width": WIDTH, "height": box["y"] + box["height"] + 24}
        taken = page.screenshot(full_page=True, clip=whole)
    photographs.write(taken, TARGET, 96)


if __name__ == "__main__":
    main()
