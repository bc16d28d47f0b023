"""Draw the contact sheet of docs/guide/synth.md.

python docs/make_synth_image.py [FOLDER OF FURTHER FONTS ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.preview import contact_sheet
from ocrx_training.synth.stream import pictures

TARGET = Path(__file__).parent / "images" / "synth.jpg"


def draw(fonts: tuple[Path, ...] = ()) -> None:
    """Draw it as a small file."""
    options = SynthOptions(severity=0.6, seed=3, fonts=fonts)
    sheet = Image.fromarray(contact_sheet(pictures(options, count=64)))
    sheet.save(TARGET, quality=55, optimize=True)


if __name__ == "__main__":
    draw(tuple(map(Path, sys.argv[1:])))
