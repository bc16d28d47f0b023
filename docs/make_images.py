"""Draw the picture of the result that README.md and the site show, with the program itself.

python docs/make_images.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from ocrx_cli.app import main as ocrx

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "images" / "overlay.png"


def draw(target: Path = TARGET) -> None:
    """Read the sample picture with everything as it comes and keep its overlay, as a small file."""
    with tempfile.TemporaryDirectory() as folder:
        text = str(Path(folder, "text"))
        label = str(ROOT / "examples" / "label.png")
        if ocrx(["read", label, "--overlay", folder, "--output", text]):
            raise SystemExit("the sample picture could not be read")
        (overlay,) = Path(folder).glob("*.png")
        with Image.open(overlay) as picture:
            few = picture.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    draw()
