"""What a dataset was drawn from, so that it can be drawn again."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL

from ocrx.version import VERSION
from ocrx_training.synth.fonts import family_of, find_fonts
from ocrx_training.synth.options import SynthOptions


def recipe(options: SynthOptions, count: int) -> dict[str, object]:
    """The options, the versions that pixels depend on, and the fonts with their licences."""
    fonts = {}
    for font in find_fonts(options.split, options.fonts):
        family = family_of(Path(font.path)) if font.path else None
        fonts[font.name] = family.licence if family else "unknown" if font.path else "CC0-1.0"
    return {
        "count": count,
        "seed": options.seed,
        "severity": options.severity,
        "heights": list(options.heights),
        "split": options.split,
        "patterns": dict(options.patterns),
        "kinds": dict(options.kinds),
        "versions": {
            "ocrx": VERSION,
            "numpy": np.__version__,
            "opencv": cv2.__version__,
            "pillow": PIL.__version__,
        },
        "fonts": fonts,
    }
